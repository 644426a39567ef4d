import { join } from 'node:path'
import { type Browser, browser } from '@sojourn/core/testing'
import { createTestHarness, type WorkerHandle } from 'wrangler'

// The packages' sources, as in all tests; and nothing is asked of anybody else.
Object.assign(process.env, {
  WRANGLER_BUILD_CONDITIONS: 'sojourn-source,workerd,worker,browser',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_LOG: 'warn',
})

/** An example's Worker in workerd, as its `wrangler.jsonc` has it, on loopback. */
export interface RunningWorker {
  /** Where a browser finds it. */
  address(): Promise<string>
  /** A new visitor without cookies, by way of https. */
  visitor(): Browser
  /** What it has bound. */
  readonly bound: WorkerHandle
  /** What it logged since it was last asked. */
  logs(): string[]
  /** Starts it again, with nothing stored. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function runWorker(example: string): Promise<RunningWorker> {
  const secrets = { SESSION_SECRET: 'x'.repeat(32) }
  const harness = createTestHarness({
    root: join(import.meta.dirname, '../..', example),
    workers: [{ configPath: 'wrangler.jsonc', secrets }],
  })
  await harness.listen()

  async function handle(request: Request): Promise<Response> {
    const { url, method, headers } = request
    const body = request.body && { body: await request.text() }
    const answer = await harness.fetch(url, {
      method,
      headers: [...headers],
      redirect: 'manual',
      ...body,
    })
    // Another copy of the same class.
    return answer as unknown as Response
  }

  return {
    async address() {
      const { url } = await harness.listen()
      return `http://localhost:${url.port}`
    },
    visitor: () => browser(handle, { origin: 'https://example.test' }),
    bound: harness.getWorker(),
    logs() {
      const lines = harness.getLogs().map(({ message }) => message)
      harness.clearLogs()
      return lines
    },
    reset: () => harness.reset(),
    close: () => harness.close(),
  }
}
