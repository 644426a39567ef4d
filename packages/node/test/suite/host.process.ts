import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { servers } from './servers.ts'
import { newSite, type Site } from './site.ts'

// Serves one site by each server, and one more that controls them. Ends with its parent.
const sites = new Map<string, Site>()
const ports: Record<string, number> = {}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

for (const [name, start] of Object.entries(servers)) {
  const site = newSite()
  sites.set(name, site)
  ports[name] = await listen(await start(site))
}

const control = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  const { server, ...asked } = JSON.parse(text)
  response.end(JSON.stringify(sites.get(server)?.control(asked) ?? null))
})
const unhandled: string[] = []
process.on('unhandledRejection', (error) => void unhandled.push(String(error)))
process.on('uncaughtException', (error) => void unhandled.push(String(error)))
process.on('message', () => process.send?.(unhandled))
process.on('disconnect', () => process.exit())
process.send?.({ version: process.version, control: await listen(control), ports })
