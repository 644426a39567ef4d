import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from './app.ts'

const { PORT, HOST = 'localhost' } = process.env
let port = Number(PORT ?? 3000)

const server = createAdaptorServer({ fetch: createApp().fetch })

server.on('listening', () => {
  const { port } = server.address() as AddressInfo
  console.log(`Lanternfield is open: http://localhost:${port}`)
})

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error
  console.log(`Port ${port} is taken.`)
  // A port that was asked for is not exchanged for another.
  if (PORT) process.exitCode = 1
  else server.listen(++port, HOST)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('Lanternfield is closed.')
    server.close()
  })
}

server.listen(port, HOST)
