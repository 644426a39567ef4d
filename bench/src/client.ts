import { Agent, get } from 'node:http'
import { parentPort } from 'node:worker_threads'

/** What a client thread is asked to do; it answers with nothing when all is done. */
export interface Task {
  readonly url: string
  readonly headers: Record<string, string>
  readonly requests: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 })

function visit({ url, headers }: Task): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume().on('end', resolve)
    }).on('error', reject)
  })
}

parentPort?.on('message', async (task: Task) => {
  await Promise.all(Array.from({ length: task.requests }, () => visit(task)))
  parentPort?.postMessage(null)
})
