// Asks one server over keep-alive connections, one request at a time on each, for as long as a task says.
import { connect, type Socket } from 'node:net'

/** What the client is asked to do. */
export interface Task {
  readonly port: number
  readonly path: string
  /** One connection for each. */
  readonly cookies: readonly string[]
  readonly seconds: number
}

/** What it answers. */
export interface Done {
  readonly requests: number
  readonly seconds: number
}

async function perform({ port, path, cookies, seconds }: Task): Promise<Done> {
  const start = performance.now()
  const until = start + seconds * 1000
  // A client that sleeps has to be woken, at the cost of the server that writes to it: more for the quicker to answer, and none over a network.
  let done = false
  const stayAwake = (): void => {
    if (!done) setImmediate(stayAwake)
  }
  stayAwake()
  const counts = await Promise.all(cookies.map((cookie) => ask(port, path, cookie, until)))
  done = true
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - start) / 1000,
  }
}

function ask(port: number, path: string, cookie: string, until: number): Promise<number> {
  const head = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`
  const socket: Socket = connect(port, '127.0.0.1').setNoDelay(true)
  socket.setEncoding('latin1')
  return new Promise((resolve, reject) => {
    let count = 0
    let answer = ''
    const fail = (): void => reject(new Error(`${path} answered ${answer}`))
    socket.on('data', (part) => {
      answer += part
      if (!isWhole(answer)) return
      if (!answer.startsWith('HTTP/1.1 200')) return fail()
      count++
      answer = ''
      if (performance.now() < until) socket.write(head)
      else socket.destroy()
    })
    socket.on('error', reject).on('close', () => resolve(count))
    socket.write(head)
  })
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1]
  if (length === undefined) throw new Error(`There is no length: ${answer}`)
  return answer.length >= end + 4 + Number(length)
}

process.on('message', async (task: Task) => process.send?.(await perform(task)))
process.on('disconnect', () => process.exit())
