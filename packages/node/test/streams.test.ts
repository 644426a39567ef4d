import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask, listen, site, visited } from './kit.ts'

const KIB = 1024

describe('what is written while the head waits', () => {
  it('leaves in the order in which it was written, after it', async () => {
    const made = site()
    const answer = await ask(
      await listen(
        visited(made, (response) => {
          response.writeHead(200, { 'x-a': 'b' })
          response.write('one ')
          response.write(Buffer.from('two '))
          response.write('74687265652000', 'hex')
          response.write(new Uint8Array([52, 32]))
          response.end('8J+NtQ==', 'base64')
        }),
      ),
    )
    expect(answer.text).toBe('one two three \u00004 🍵')
    expect(answer.headers['x-a']).toBe('b')
  })

  it('is called back about as Node does it, and not before the commit', async () => {
    const made = site()
    const create = made.gate('create')
    const called: string[] = []
    const done = (name: string) => (error?: unknown) => called.push(error ? `${name} failed` : name)
    const respond = (response: ServerResponse): void => {
      response.write('a', done('a'))
      response.write('b', 'utf8', done('b'))
      response.end('c', 'utf8', done('end'))
      response.on('finish', done('finish'))
    }
    expect((await ask(await listen((_, response) => respond(response)))).text).toBe('abc')
    const natural = called.splice(0)
    expect(natural).toHaveLength(4)
    const url = await listen(visited(made, respond))
    const asking = ask(url)
    await create.reached
    await turn()
    expect(called).toEqual([])
    create.open()
    expect((await asking).text).toBe('abc')
    expect(called).toEqual(natural)
  })

  it('is refused as Node refuses it', async () => {
    const made = site()
    const codes: unknown[] = []
    const url = await listen(
      visited(made, (response) => {
        const calls = [
          () => response.write(null),
          () => response.write(5 as never),
          () => response.write(undefined as never),
          () => response.end({} as never),
          () => response.writeHead(99),
          () => response.writeHead(200, 'a\nb'),
          () => response.writeHead(200, { 'x-a': undefined as never }),
          () => response.writeHead(200, ['x-a']),
        ]
        for (const call of calls) {
          try {
            call()
          } catch (error) {
            codes.push((error as NodeJS.ErrnoException).code)
          }
        }
        response.end('still fine')
      }),
    )
    expect((await ask(url)).text).toBe('still fine')
    expect(codes).toEqual([
      'ERR_STREAM_NULL_VALUES',
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_TYPE',
      'ERR_HTTP_INVALID_STATUS_CODE',
      'ERR_INVALID_CHAR',
      'ERR_HTTP_INVALID_HEADER_VALUE',
      'ERR_INVALID_ARG_VALUE',
    ])
  })
})

describe('back-pressure', () => {
  it('comes from write once a stream’s worth is held, and a drain tells when it is gone', async () => {
    const made = site()
    const create = made.gate('create')
    const results: unknown[] = []
    const url = await listen(
      visited(made, async (response) => {
        results.push(response.write('a'.repeat(KIB)), response.writableNeedDrain)
        results.push(response.write(Buffer.alloc(63 * KIB, 'b')), response.writableNeedDrain)
        await once(response, 'drain')
        results.push('drain', response.writableNeedDrain)
        response.end('c')
      }),
    )
    const asking = ask(url)
    await create.reached
    expect(results).toEqual([true, false, false, true])
    create.open()
    expect((await asking).text).toHaveLength(64 * KIB + 1)
    expect(results.slice(4)).toEqual(['drain', false])
  })

  it.each([10, 100, 1000])(
    'stops a pipe of chunks of %i bytes at what a stream holds',
    async (size) => {
      const made = site()
      const create = made.gate('create')
      let read = 0
      const source = new Readable({
        read() {
          read += size
          this.push(read > 500 * KIB ? null : Buffer.alloc(size))
        },
      })
      const asking = ask(await listen(visited(made, (response) => source.pipe(response))))
      await create.reached
      for (let turns = 0; turns < 200; turns++) await turn()
      // As much again for what the source itself holds.
      expect(read).toBeLessThan(2 * 64 * KIB + 2 * size)
      create.open()
      expect((await asking).text).toHaveLength(Math.floor((500 * KIB) / size) * size)
    },
  )

  it('is the client’s own once the commit is done', async () => {
    const made = site()
    let isPaused = false
    const source = new PassThrough()
    source.on('pause', () => (isPaused = true))
    const url = await listen(visited(made, (response) => source.pipe(response)))
    const asking = request(url, { agent: false }).end()
    source.write('a')
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const chunk = Buffer.alloc(64 * KIB)
    let written = 0
    // The client does not read, so the sockets fill up.
    for (; !isPaused && written < 5000; written++) {
      source.write(chunk)
      await turn()
    }
    expect(isPaused).toBe(true)
    let length = 0
    source.end()
    for await (const part of response) length += part.length
    expect(length).toBe(1 + written * chunk.length)
  })

  it('does not keep the first bytes from leaving before the last are made', async () => {
    const made = site()
    const source = new PassThrough()
    const url = await listen(visited(made, (response) => source.pipe(response)))
    const asking = request(url, { agent: false }).end()
    source.write('first')
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const [chunk] = await once(response, 'data')
    expect(String(chunk)).toBe('first')
    source.end('last')
    const [last] = await once(response, 'data')
    expect(String(last)).toBe('last')
  })
})
