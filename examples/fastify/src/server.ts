import { createStall } from './stall.ts'

const { PORT, SESSION_SECRET } = process.env

const app = createStall(SESSION_SECRET)
const address = await app.listen({ port: Number(PORT ?? 3000), host: 'localhost' })
console.log(`The stall is open: ${address.replace(/\/\/(\[::1\]|127\.0\.0\.1)/, '//localhost')}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close())
