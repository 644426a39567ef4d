import type { ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask, listen, site, uncaught, visited } from './kit.ts'

/** A site whose commits fail, and whose answer to that takes its time. */
function broken(meanwhile: () => unknown = () => {}) {
  const made = site({
    async onError(_, __, response) {
      await meanwhile()
      await turn()
      const answer = response as ServerResponse
      answer.write('so')
      answer.end('rry')
    },
  })
  made.failing.add('create')
  return made
}

describe('of a response whose commit failed', () => {
  it('every callback is told', async () => {
    const told: unknown[] = []
    const url = await listen(
      visited(broken(), (response) => {
        response.write('first', (error) => void told.push(error))
        response.end('second', ((error?: Error) => void told.push(error)) as () => void)
      }),
    )
    expect((await ask(url)).text).toBe('sorry')
    expect(told).toHaveLength(2)
    for (const error of told) expect(error).toMatchObject({ code: 'ERR_SESSION_STORE' })
  })

  it('a source that is piped into it has nothing in the answer', async () => {
    const source = new PassThrough()
    const made = broken(() => source.write('more of the first'))
    const url = await listen(
      visited(made, (response) => {
        source.pipe(response)
        source.write('first')
      }),
    )
    expect((await ask(url)).text).toBe('sorry')
  })

  it('a source that is piped into it while it waits has nothing in the answer', async () => {
    const source = new PassThrough()
    const made = broken(() => source.write('more of the first'))
    const url = await listen(
      visited(made, (response) => {
        response.write('first')
        source.pipe(response)
      }),
    )
    expect((await ask(url)).text).toBe('sorry')
  })

  it.each([
    ['pipe', (source: Readable, response: ServerResponse) => void source.pipe(response)],
    [
      'pipeline',
      (source: Readable, response: ServerResponse) => pipeline(source, response).catch(() => {}),
    ],
  ])(
    'a source of %s is destroyed when the answer has left, and no file stays open',
    async (_, join) => {
      const made = broken()
      const source = new PassThrough().on('error', () => {})
      const closed = new Promise((resolve) => source.once('close', resolve))
      const url = await listen(
        visited(made, (response) => {
          source.write('first')
          return join(source, response)
        }),
      )
      expect(await ask(url)).toMatchObject({ status: 500, text: 'sorry' })
      await closed
      expect(made.events).toEqual([])
    },
  )

  it('a source that flows elsewhere as well goes on there', async () => {
    const source = new PassThrough()
    const copy = new PassThrough()
    const url = await listen(
      visited(broken(), (response) => {
        source.pipe(copy)
        source.pipe(response)
        source.write('first')
      }),
    )
    expect((await ask(url)).text).toBe('sorry')
    await turn()
    source.end('second')
    expect(await text(copy)).toBe('firstsecond')
  })

  it('trailers are not the answer’s', async () => {
    const url = await listen(
      visited(broken(), (response) => {
        response.setHeader('trailer', 'x-sum')
        response.write('first')
        response.addTrailers({ 'x-sum': '42' })
        response.end()
      }),
    )
    const { headers, trailers, text } = await ask(url)
    expect(text).toBe('sorry')
    expect(headers).not.toHaveProperty('trailer')
    expect(trailers).toEqual({})
  })

  it('a writer that goes on while the answer is prepared sends no success', async () => {
    const prepared = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    const made = site({
      async onError(_, __, response) {
        prepared.resolve()
        await written.promise
        response.end('sorry')
      },
    })
    made.failing.add('create')
    const url = await listen(
      visited(made, async (response) => {
        response.write('first')
        await prepared.promise
        response.write('second')
        written.resolve()
      }),
    )
    expect((await ask(url)).status).toBe(500)
  })

  it('a writer that goes on at once is told that there is an end, and brings nothing down', async () => {
    const errors = uncaught()
    const told = Promise.withResolvers<unknown>()
    const made = site()
    made.failing.add('create')
    const url = await listen(
      visited(made, (response) => {
        response.write('first', () => response.write('second', told.resolve))
      }),
    )
    expect(await ask(url)).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
    expect(await told.promise).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
    expect(errors).toEqual([])
  })
})
