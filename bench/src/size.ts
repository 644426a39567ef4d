import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What an application imports of each library, with a store where it needs one; the framework itself does not count. */
const imports: Readonly<Record<string, string>> = {
  'Sojourn (Node)': `export { createSessions, memoryStore } from '@sojourn/core'`,
  'Sojourn for Hono (workerd)': `export { createSessions, memoryStore } from '@sojourn/core'; export { session } from '@sojourn/hono'`,
  'Sojourn for Express': `export { createSessions, memoryStore } from '@sojourn/core'; export { nodeSessions } from '@sojourn/node'`,
  'express-session': `export { default } from 'express-session'`,
  'cookie-session': `export { default } from 'cookie-session'`,
  'hono-sessions': `export { sessionMiddleware, MemoryStore } from 'hono-sessions'`,
  '@hono/session': `export { useSession } from '@hono/session'`,
  '@remix-run/session': `export { createMemorySessionStorage } from '@remix-run/session/memory-storage'; export { createCookie } from '@remix-run/cookie'`,
  'react-router': `export { createMemorySessionStorage } from 'react-router'`,
  'iron-session': `export { getIronSession } from 'iron-session'`,
  'h3 useSession': `export { useSession } from 'h3'`,
  '@fastify/session': `export { default } from '@fastify/session'; export { default as cookie } from '@fastify/cookie'`,
  'koa-session': `export { default } from 'koa-session'`,
  'better-auth': `export { betterAuth } from 'better-auth'`,
}

/** Bytes, minified and gzipped, with all dependencies. */
export async function sizes(): Promise<Record<string, number>> {
  const seen: Record<string, number> = {}
  for (const [name, contents] of Object.entries(imports)) {
    const forWorkerd = name.includes('workerd')
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2024',
      platform: forWorkerd ? 'neutral' : 'node',
      mainFields: ['module', 'main'],
      conditions: forWorkerd ? ['workerd'] : ['node', 'import'],
      external: ['hono', 'hono/*', 'express', 'fastify', 'koa', 'sodium-native'],
      write: false,
      logLevel: 'silent',
    })
    seen[name] = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
  }
  return seen
}
