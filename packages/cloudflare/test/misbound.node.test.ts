import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, type PlainWorker, startWorkerd } from '../../../tests/plain-worker.ts'

let worker: PlainWorker
beforeAll(async () => {
  worker = {
    contents: await bundle(join(import.meta.dirname, 'misbound.worker.ts')),
    objects: { SESSIONS: 'SessionObject', SUBJECTS: 'SubjectObject' },
  }
})

// Nothing in a namespace tells the class that it is bound to, so only an object can say that it is the wrong one.
describe('a namespace of the wrong class', () => {
  let workerd: ReturnType<typeof startWorkerd>
  beforeAll(() => {
    workerd = startWorkerd(worker)
  })
  afterAll(() => workerd.dispose())

  async function signIn(bindings: string, cookie = '') {
    const headers = { cookie }
    const response = await workerd.dispatchFetch(`http://localhost/?${bindings}`, { headers })
    const [line = ''] = response.headers.getSetCookie()
    return { text: await response.text(), cookie: line.split(';')[0] }
  }

  const named = (className: string, name: string, method: string) => ({
    name: 'SessionError',
    code: 'ERR_SESSION_STORE',
    cause:
      `TypeError: "${name.toLowerCase()}" must be the Durable Object namespace of ${className}, ` +
      `got that of a class without "${method}": in wrangler.jsonc, add ` +
      `{ "name": "${name}", "class_name": "${className}" } to durable_objects.bindings and pass env.${name}`,
  })

  it.each([
    ['swapped', 'sessions=SUBJECTS&subjects=SESSIONS', named('SubjectObject', 'SUBJECTS', 'add')],
    ['both of sessions', 'subjects=SESSIONS', named('SubjectObject', 'SUBJECTS', 'add')],
    ['both of subjects', 'sessions=SUBJECTS', named('SessionObject', 'SESSIONS', 'create')],
  ])('is named by the first sign-in when the two are %s', async (_, bindings, error) => {
    const { text, cookie } = await signIn(bindings)
    expect(JSON.parse(text)).toEqual(error)
    expect(cookie).toBe('')
  })

  it('is named by the first visit of somebody who has a session', async () => {
    const { text, cookie } = await signIn('')
    expect(text).toBe('signed in')
    const visit = await signIn('sessions=SUBJECTS&subjects=SESSIONS', cookie)
    expect(JSON.parse(visit.text)).toEqual(named('SessionObject', 'SESSIONS', 'read'))
  })
})

it('a class that was migrated without SQLite fails with the platform’s word on what to change', async () => {
  const workerd = startWorkerd({ ...worker, storage: 'legacy-kv' })
  try {
    const response = await workerd.dispatchFetch('http://localhost/')
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await response.json()).toMatchObject({
      code: 'ERR_SESSION_STORE',
      cause: expect.stringMatching(/change `new_classes` to `new_sqlite_classes` .+wrangler.jsonc/),
    })
  } finally {
    await workerd.dispose()
  }
})
