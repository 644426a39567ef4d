import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { type SessionVariables, session } from '../src/index.ts'
import { site } from './site.ts'

function application(seen: string[]) {
  const { sessions, slow } = site<{ visits: number }>()
  slow(({ verb, when }) => void (when === 'before' && seen.push(verb)))
  return new Hono<{ Variables: SessionVariables<{ visits: number }> }>()
    .use(session(sessions))
    .get('/', async (c) => {
      seen.push('asked')
      ;(await c.var.session()).set('visits', 1)
      return c.text('body')
    })
}

describe('requests that come at the same time', () => {
  it('to Node’s own server take each step together', async () => {
    const seen: string[] = []
    const app = application(seen)
    const onNode = { incoming: {} }
    async function ask(): Promise<void> {
      await app.request('/', {}, onNode)
      seen.push('answered')
    }
    // Each is read from its socket by itself, within one turn.
    const came = (go: () => void) => setImmediate(() => void ask().then(go))
    await Promise.all([new Promise<void>(came), new Promise<void>(came)])
    expect(seen).toEqual(['asked', 'asked', 'create', 'create', 'answered', 'answered'])
  })

  it('elsewhere wait for nothing but the store', async () => {
    const app = application([])
    let turned = false
    setImmediate(() => {
      turned = true
    })
    expect(await (await app.request('/')).text()).toBe('body')
    expect(turned).toBe(false)
  })
})
