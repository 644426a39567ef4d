// One framework with one library: `framework library [url of Redis]`. Tells its port; then, for each message, the CPU time that it has used.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from 'redis'
import { type Framework, type Library, listenerOf } from './servers.ts'

const [framework, library, url] = process.argv.slice(2)
const client = url ? await createClient({ url }).connect() : null
const server = createServer(listenerOf(framework as Framework, library as Library, client as never))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
