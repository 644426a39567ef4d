import { join } from 'node:path'
import { browser } from '@sojourn/core/testing'
import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, startWorkerd } from '../../../tests/plain-worker.ts'

interface Answer {
  readonly id?: string
  readonly visits?: number
  readonly requests?: string[]
  readonly code?: string
}

describe('in workerd, a session’s object', () => {
  let workerd: Miniflare
  beforeAll(async () => {
    workerd = startWorkerd({
      contents: await bundle(join(import.meta.dirname, 'faults.worker.ts')),
      objects: { SESSIONS: 'SessionObject', SUBJECTS: 'SubjectObject' },
    })
  })
  afterAll(() => workerd.dispose())

  /** Somebody who has been here three times. */
  async function visitor() {
    const person = browser(async ({ url, headers }) => {
      const response = await workerd.dispatchFetch(url, { headers: [...headers] })
      return new Response(await response.text(), {
        status: response.status,
        headers: [...response.headers],
      })
    })
    const ask = async (path: string): Promise<Answer> => (await person.get(`/${path}`)).json()
    for (const visits of [1, 2, 3]) expect(await ask('visit')).toMatchObject({ visits })
    const { id } = await ask('read')
    expect(person.cookies).toHaveLength(1)
    return {
      id,
      ask,
      trouble: (path: string) => person.get(`/trouble/${path}`),
      cookies: () => person.cookies,
    }
  }

  it.each(['before', 'after'])(
    'whose connection is lost %s it reads is asked again, and the visitor does not notice',
    async (when) => {
      const { id, ask, trouble } = await visitor()
      await trouble(`read/${when}/lost`)
      expect(await ask('read')).toEqual({ id, visits: 3, requests: ['read', 'read'] })
    },
  )

  it('whose connection is lost after it wrote fails the request, and wrote once', async () => {
    const { id, ask, trouble, cookies } = await visitor()
    const before = cookies()
    await trouble('update/after/lost')
    expect(await ask('visit')).toEqual({
      name: 'SessionError',
      code: 'ERR_SESSION_STORE',
      retryable: true,
      reset: false,
      requests: ['read', 'update'],
    })
    expect(cookies()).toEqual(before)
    expect(await ask('read')).toMatchObject({ id, visits: 4 })
  })

  it.each(['read', 'update'])(
    'that is reset while it answers a request to %s fails it, and has everything acknowledged for the next',
    async (method) => {
      const { id, ask, trouble, cookies } = await visitor()
      const before = cookies()
      await trouble(`${method}/before/reset`)
      expect(await ask('visit')).toMatchObject({ code: 'ERR_SESSION_STORE', reset: true })
      expect(cookies()).toEqual(before)
      expect(await ask('visit')).toMatchObject({ id, visits: 4 })
    },
  )
})
