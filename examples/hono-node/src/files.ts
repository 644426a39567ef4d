import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import type { MiddlewareHandler } from 'hono'

const serve = serveStatic({ root: fileURLToPath(new URL('../public', import.meta.url)) })

/** Pictures, styles and the script: no session is asked for, so caches may keep them. */
export const files: MiddlewareHandler = async (c, next) => {
  const file = await serve(c, next)
  if (!(file instanceof Response)) return
  if (c.req.path === '/signed-out.svg') {
    // Chrome keeps `no-store` pages for "back", too, and a page that a sign-in led to even beyond the
    // sign-out. This order to forget them cannot go with the sign-out's own response: the page that is
    // left is kept only once the next one has come.
    file.headers.set('Clear-Site-Data', '"cache"')
    file.headers.set('Cache-Control', 'no-store')
  } else {
    file.headers.set('Cache-Control', 'public, max-age=300')
  }
  return file
}
