import { expect, it } from 'vitest'
import { site } from './site.ts'

// What only who gives the core a response can see of it: no adapter hands on a stream as it is, or the platform of its caller.

const start = (session: { set(key: string, value: number): unknown }): unknown =>
  session.set('a', 1)

it('a response with immutable headers is copied with its body not touched: streamed, never buffered [H12, H13]', async () => {
  const { visit } = site()
  let pulled = 0
  const body = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(`chunk ${++pulled}\n`))
        if (pulled === 5) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const fetched = immutable(
    new Response(body, { status: 201, statusText: 'Made', headers: { 'x-a': '1' } }),
  )
  const { response, setCookies } = await visit(null, start, fetched)
  expect(pulled).toBe(0)
  expect([response.status, response.statusText, response.headers.get('x-a')]).toEqual([
    201,
    'Made',
    '1',
  ])
  expect(setCookies).toHaveLength(1)
  const reader = response.body?.getReader()
  await reader?.read()
  expect(pulled).toBe(1)
  await reader?.cancel()
})

it('a touch may end after the response, by the platform’s waitUntil; without one it is awaited [H21]', async () => {
  const { begin, visit, clock, calls, happened } = site()
  const { cookie } = await visit(null, start)
  clock.advance(600)
  happened()
  await (await begin(cookie)).commit()
  expect(happened()).toEqual(['touched'])
  clock.advance(600)
  calls()
  const promises: Promise<unknown>[] = []
  const pending = await begin(cookie)
  await pending.commit(undefined, { waitUntil: (promise) => void promises.push(promise) })
  expect(promises).toHaveLength(1)
  await Promise.all(promises)
  expect(calls()).toEqual(['read', 'touch'])
})

function immutable(response: Response): Response {
  const refuse = (): never => {
    throw new TypeError('immutable')
  }
  for (const verb of ['set', 'append', 'delete'] as const) response.headers[verb] = refuse
  return response
}
