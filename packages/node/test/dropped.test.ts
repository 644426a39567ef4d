import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
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
