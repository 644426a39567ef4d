import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { behaviours } from './behaviours.ts'
import { bundleHost, type Host, programOf, startHost } from './host.ts'
import { type Visitor, visitor } from './visitor.ts'

const SERVERS = [
  'node:http',
  'node:http2',
  'open and commit',
  'Express 4',
  'Express 5',
  'Fastify 5',
  'Koa 3',
]

let bundle: Awaited<ReturnType<typeof bundleHost>>
beforeAll(async () => {
  bundle = await bundleHost()
})
afterAll(() => bundle.remove())

describe.each([20, 22, 24, 26])('on Node %i', (version) => {
  const program = programOf(version)
  let host: Host

  describe.skipIf(!program)('over real sockets', () => {
    beforeAll(async () => {
      host = await startHost(program as string, bundle.file)
    })
    afterAll(() => host.end())

    it('is what serves', () => {
      expect(host.version).toMatch(new RegExp(`^v${version}\\.`))
      expect(Object.keys(host.ports)).toEqual(SERVERS)
    })

    describe.each(SERVERS)('%s', (server) => {
      const open = (): Visitor => visitor(host, server)
      it.each(behaviours.map(({ title, show }) => [title, show] as const))(
        '%s',
        async (_, show) => {
          await host.control(server, { failing: [], delay: 0 })
          await show(open, (asked) => host.control(server, asked))
        },
      )
    })

    it('leaves no error uncaught', async () => {
      expect(await host.unhandled()).toEqual([])
    })
  })
})
