import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createWall } from './wall.ts'

const { PORT, DATA = fileURLToPath(new URL('../wall.db', import.meta.url)) } = process.env

const wall = createWall(DATA)
const server = createServer(wall.listener)
server.listen(Number(PORT ?? 3000), 'localhost', () => {
  const { port } = server.address() as AddressInfo
  console.log(`The wall is up: http://localhost:${port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => wall.close())
    wall.leave()
  })
}
