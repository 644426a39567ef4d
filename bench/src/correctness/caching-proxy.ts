import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ask } from '../client.ts'
import { askAt } from '../http/load.ts'

/** A shared cache in front of a site: nginx, which keeps what may be kept for a minute. */
export interface CachingProxy {
  readonly ask: Ask
  end(): Promise<void>
}

const program = '/usr/sbin/nginx'

export function hasProxy(): boolean {
  try {
    accessSync(program)
    return true
  } catch {
    return false
  }
}

export async function cachingProxy(upstream: number): Promise<CachingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-nginx-'))
  // Its workers are somebody else, where it is started by root.
  chmodSync(folder, 0o777)
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configurationOf(folder, port, upstream))
  const child = spawn(program, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  })
  const ask = askAt(port)
  await answering(child, ask)
  return {
    ask,
    async end() {
      child.kill('SIGQUIT')
      await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// As somebody would write it who wants pages cached: an answer with a cookie as well (nginx keeps none unless it is told not to look), but none that
// says by `Cache-Control` that it must not be, and by `Vary` for whom it is.
function configurationOf(folder: string, port: number, upstream: number): string {
  return `
daemon off;
pid ${folder}/nginx.pid;
worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  proxy_cache_path ${folder}/cache keys_zone=pages:1m;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${upstream};
      proxy_set_header Host $host;
      proxy_cache pages;
      proxy_cache_valid 200 1m;
      proxy_ignore_headers Set-Cookie;
    }
  }
}
`
}

async function answering(child: ChildProcess, ask: Ask): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
    try {
      const { status } = await ask('/untouched')
      if (status === 200) return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error('nginx does not answer')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
