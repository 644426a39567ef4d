import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from './app.ts'
import { openStorage } from './storage.ts'

const { PORT, HOST = 'localhost', DATA } = process.env
let port = Number(PORT ?? 3000)

const storage = openStorage(DATA ?? fileURLToPath(new URL('../data', import.meta.url)))
const server = createAdaptorServer({ fetch: createApp(storage).fetch })

server.on('listening', () => {
  const { port } = server.address() as AddressInfo
  console.log(`Lanternfield is open: http://localhost:${port}`)
})

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error
  console.log(`Port ${port} is taken.`)
  // A port that was asked for is not exchanged for another.
  if (PORT) {
    process.exitCode = 1
    storage.close()
  } else server.listen(++port, HOST)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('Lanternfield is closed.')
    server.close(() => storage.close())
  })
}

server.listen(port, HOST)
