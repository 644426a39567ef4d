import { application } from '../act.ts'
import { nameOf } from '../peer.ts'
import { peers } from '../peers/index.ts'
import { SECRETS } from '../scenarios.ts'
import { serve } from '../served.ts'

// One peer, served; asked by messages what it has used of its processor.
const [, , name, redis] = process.argv
const peer = peers.find((one) => nameOf(one) === name)
if (!peer) throw new TypeError(`No such peer: ${name}`)
console.error = () => {}
const keeping = redis ? ({ kind: 'redis', url: redis } as const) : ({ kind: 'memory' } as const)
const { port } = await serve(await peer.start({ keeping, secrets: SECRETS }, application()))
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit())
process.send?.({ port })
