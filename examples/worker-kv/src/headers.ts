import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** Pages that run no script, load nothing from elsewhere and show in no frame. */
export const strictly: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    imgSrc: ["'self'"],
    styleSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  // With `no-referrer`, browsers send forms with `Origin: null`, which `csrf` could not trust.
  referrerPolicy: 'same-origin',
})

/** Pages that differ from visitor to visitor: kept by no cache but theirs, and asked for again. */
export const privately: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('Cache-Control', 'private, no-cache')
}
