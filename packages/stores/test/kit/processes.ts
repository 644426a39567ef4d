import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of the test’s own, which talks in messages. */
export interface Running<Message> {
  readonly child: ChildProcess
  send(message: object): void
  /** The next message that nobody has waited for yet; rejects when the process ends instead. */
  next(): Promise<Message>
  /** Ends it, if it has not ended, and waits until it has. */
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Runs a script, named by its address, on the Node that runs the tests. */
export function run<Message>(script: string | URL, ...args: string[]): Running<Message> {
  const child = fork(fileURLToPath(script), args, {
    execArgv: ['--conditions=sojourn-source'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const messages: Message[] = []
  const waiting: PromiseWithResolvers<Message>[] = []
  let complaints = ''
  let gone: Error | undefined
  child.stderr?.on('data', (part) => {
    complaints += part
  })
  child.on('message', (message: Message) => {
    const first = waiting.shift()
    if (first) first.resolve(message)
    else messages.push(message)
  })
  const closed = once(child, 'close').then(([code, signal]) => {
    gone = new Error(`${script} ended with ${code ?? signal}:\n${complaints}`)
    for (const { reject } of waiting.splice(0)) reject(gone)
  })
  return {
    child,
    send: (message) => void child.send(message),
    next() {
      const message = messages.shift()
      if (message !== undefined) return Promise.resolve(message)
      if (gone) return Promise.reject(gone)
      const answer = Promise.withResolvers<Message>()
      waiting.push(answer)
      return answer.promise
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      await closed
    },
  }
}
