// Milliseconds from nothing to the first answer of one library, its framework's own import left out: that is there before.
const [, , name = '', module = ''] = process.argv
await Promise.all(
  ['hono', 'express', 'fastify', 'koa', 'light-my-request', '@hono/node-server'].map(
    (one) => import(one),
  ),
)
const { asking } = await import('./client.ts')
const { application } = await import('./act.ts')
const begun = performance.now()
const peers = Object.values((await import(module)) as Record<string, import('./peer.ts').Peer>)
const peer = peers.find((one) => `${one.server} / ${one.name}` === name)
if (!peer) throw new TypeError(`No such peer: ${name}`)
const secret = '0123456789abcdef0123456789abcdef-the-newest'
const site = await peer.start({ keeping: { kind: 'memory' }, secrets: [secret] }, application())
await asking(site)('/create')
process.send?.(performance.now() - begun)
process.exit()
