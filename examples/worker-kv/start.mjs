// `wrangler dev`, with a secret of this machine's own. Arguments are passed on.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'

if (!existsSync('.dev.vars')) {
  const secret = randomBytes(32).toString('base64')
  writeFileSync('.dev.vars', `SESSION_SECRET=${secret}\n`, { mode: 0o600 })
}

const { PORT } = process.env
const port = PORT ? ['--port', PORT] : []
const wrangler = spawn('wrangler', ['dev', ...port, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    // In this repository the packages are read from their sources, and need no build.
    WRANGLER_BUILD_CONDITIONS: 'sojourn-source,workerd,worker,browser',
    // What runs here asks nothing of anybody else.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_SEND_METRICS: 'false',
    ...process.env,
  },
})

let ending = false
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    ending = true
    wrangler.kill(signal)
  })
}
wrangler.on('exit', (code) => {
  process.exitCode = ending ? 0 : (code ?? 1)
})
