import { expect, it } from 'vitest'
import { bundle, startWorkerd } from './plain-worker.ts'

const code = `
  import { createSessions, memoryStore } from '@sojourn/core'
  const sessions = createSessions({ store: memoryStore() })
  export default {
    async fetch(request) {
      const session = await sessions.open(request)
      session.set('cart', ['tea'])
      return sessions.commit(session, new Response(typeof process))
    },
  }`

it('the core runs in a Worker without any Node compatibility', async () => {
  const workerd = startWorkerd({ contents: await bundle({ code, from: import.meta.dirname }) })
  try {
    const response = await workerd.dispatchFetch('http://localhost/')
    expect(await response.text()).toBe('undefined')
    expect(response.headers.get('set-cookie')).toContain('HttpOnly')
  } finally {
    await workerd.dispose()
  }
})
