import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { ask, listen, site, uncaught, visited } from './kit.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

type Made = ReturnType<typeof site>

/** Serves one request whose client leaves at the moment that the store is asked to write, and waits until both ends know. */
async function leftAlone(made: Made, respond: (response: ServerResponse) => unknown) {
  const { cookie } = await ask(await listen(visited(made, (response) => response.end())))
  made.calls()
  const update = made.gate('update')
  const results: unknown[] = []
  const done = Promise.withResolvers<ServerResponse>()
  const url = await listen(
    made.web.handler(async (request: IncomingMessage, response: ServerResponse) => {
      const session = await made.web.open(request)
      session.set('visits', 2)
      done.resolve(response)
      results.push(await respond(response))
    }),
  )
  const asking = request(url, { agent: false, headers: { cookie } }).end()
  asking.on('error', () => {})
  await update.reached
  const response = await done.promise
  asking.destroy()
  await once(response, 'close')
  return { cookie, update, response, results }
}

describe('a client that goes while the commit is under way', () => {
  it('does not undo it [J1]', async () => {
    const made = site()
    const { cookie, update } = await leftAlone(made, (response) => response.end('body'))
    update.open()
    await turn()
    await turn()
    expect(await made.dataOf(cookie)).toEqual({ visits: 2 })
    expect(made.calls()).toEqual(['read', 'update', 'read'])
    expect(made.events).toEqual([])
  })

  it('leaves no callback waiting, neither of what was held nor of what is written later', async () => {
    const made = site()
    const codes: unknown[] = []
    const note = (error?: Error | null): void =>
      void codes.push((error as NodeJS.ErrnoException).code)
    const { update, response } = await leftAlone(made, (response) => {
      response.write('a', note)
      response.write('b', note)
    })
    update.open()
    for (let turns = 0; turns < 10; turns++) await turn()
    await new Promise<void>((resolve) => {
      response.write('c', (error) => resolve(note(error)))
    })
    expect(codes).toEqual(Array(3).fill('ERR_STREAM_DESTROYED'))
  })

  it('ends a pipeline as it does without us', async () => {
    const made = site()
    const source = Readable.from(Array.from({ length: 1000 }, () => 'a'.repeat(1000)))
    const { update, results } = await leftAlone(made, (response) =>
      pipeline(source, response).catch((error) => error.code),
    )
    update.open()
    await turn()
    expect(results).toEqual(['ERR_STREAM_PREMATURE_CLOSE'])
    expect(source.destroyed).toBe(true)
  })

  it('hears of no commit that fails, which goes to onError all the same', async () => {
    const errors: unknown[] = []
    const made = site({ onError: (error) => void errors.push(error) })
    const { update } = await leftAlone(made, (response) => response.end('body'))
    update.fail()
    await turn()
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_STORE' })])
  })
})

describe('a response that is destroyed', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['before its head', (response) => response.destroy()],
    [
      'with an error',
      (response) => response.destroy(new Error('on purpose')).on('error', () => {}),
    ],
    ['while it waits', (response) => response.writeHead(200).destroy()],
    [
      'between two writes',
      (response) => {
        response.write('a')
        response.destroy()
        response.write('b')
      },
    ],
    ['and then ended', (response) => response.destroy().end('body')],
    ['by its socket', (response) => response.socket?.destroy()],
  ])('%s ends the connection, and nothing else', async (_, respond) => {
    const errors = uncaught()
    const made = site()
    const url = await listen(visited(made, respond))
    await expect(ask(url)).rejects.toThrow(/socket hang up|ECONNRESET/)
    await turn()
    await expect(ask(url)).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(errors).toEqual([])
    expect(made.events).toEqual([])
  })
})

describe('a response that is ended twice', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['with another body', (response) => response.end('body').end('another')],
    ['with nothing', (response) => response.end('body').end()],
    ['with a callback', (response) => new Promise((resolve) => response.end('body').end(resolve))],
    ['by a write', (response) => response.end('body').write('more')],
    [
      'later',
      async (response) =>
        response.end('body') && (await turn()) === undefined && response.end('more'),
    ],
  ])('%s is the first', async (_, respond) => {
    const errors = uncaught()
    const made = site()
    const answer = await ask(await listen(visited(made, respond)))
    expect(answer).toMatchObject({ status: 200, text: 'body' })
    expect(await made.dataOf(answer.cookie)).toEqual({ visits: 1 })
    await turn()
    expect(errors).toEqual([])
  })

  it('tells the second what Node tells it', async () => {
    const told = Promise.withResolvers<unknown>()
    const made = site()
    const url = await listen(
      visited(made, (response) => {
        response.end('body')
        response.write('more', told.resolve)
      }),
    )
    await ask(url)
    expect(await told.promise).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
  })
})

describe('a response that is never ended', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['untouched', () => {}],
    ['begun', (response) => response.write('begun')],
  ])('and %s is forgotten when its client goes', async (_, respond) => {
    const made = site()
    const refs: WeakRef<object>[] = []
    const seen = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    const url = await listen(
      visited(made, (response, request) => {
        refs.push(new WeakRef(response), new WeakRef(request))
        response.once('close', closed.resolve)
        seen.resolve()
        return respond(response)
      }),
    )
    const asking = request(url, { agent: false })
      .on('error', () => {})
      .end()
    await seen.promise
    asking.destroy()
    await closed.promise
    await collected(refs)
    expect(made.calls()).toEqual(respond.length ? ['create'] : [])
  })
})

/** Waits until objects are garbage, which they are soon or never. */
async function collected(refs: readonly WeakRef<object>[]): Promise<void> {
  for (let round = 0; round < 50 && refs.some((ref) => ref.deref()); round++) {
    await turn()
    gc()
  }
  expect(refs.map((ref) => ref.deref() === undefined)).toEqual(refs.map(() => true))
}
