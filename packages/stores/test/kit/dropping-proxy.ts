import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can lose answers. */
export interface DroppingProxy {
  readonly port: number
  /** The next answer is lost, and its connection with it: what was asked has happened, and nobody is told. */
  dropNext(): void
  close(): void
}

export async function droppingProxy(to: number): Promise<DroppingProxy> {
  let dropping = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.pipe(far)
    far.on('data', (answer) => {
      if (!dropping) return void near.write(answer)
      dropping = false
      near.destroy()
      far.destroy()
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    dropNext() {
      dropping = true
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
