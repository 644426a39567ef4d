import { memoryStore } from '@sojourn/core'
import { session } from '@sojourn/hono'
import { Hono } from 'hono'
import { describe, it } from 'vitest'
import type { Serve } from '../../core/test/faults/play.ts'
import { playAny } from '../../core/test/faults/runs.ts'

// Minutes, for who asks for thousands of programs.
const timeout = 600_000

const mounted: Serve = (sessions) => async (request, handler) => {
  const failed: { error?: unknown } = {}
  const app = new Hono()
    .use(session(sessions))
    .get('/', (c) => handler(() => c.var.session()))
    .onError((error, c) => {
      failed.error = error
      return c.text('failed', 500)
    })
  return { response: await app.request(request), ...failed }
}

describe('whatever a store fails at, what it acknowledged holds, and the next request works', () => {
  it(
    'in Hono',
    async () => {
      await playAny(200, { newStore: () => memoryStore(), serve: mounted })
    },
    timeout,
  )
})
