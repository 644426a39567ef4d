import type { CookieData, CookieOptions } from './cookie-options.ts'
import { serializeCookie } from './serialize-cookie.ts'

/** The cookie of one session: `req.session.cookie`. */
export class Cookie {
  path = '/'
  httpOnly = true
  originalMaxAge: number | null = null
  declare domain?: string
  declare secure?: boolean | 'auto'
  declare sameSite?: CookieOptions['sameSite']
  declare partitioned?: boolean
  declare priority?: CookieOptions['priority']
  /** As a member of its own it goes along wherever a session is cloned. */
  _expires: Date | null = null

  constructor(options: CookieOptions | CookieData = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`"cookie" must be an object, got ${String(options)}`)
    }
    for (const [key, value] of Object.entries(options)) {
      if (key === 'data' || key === 'originalMaxAge' || value === undefined) continue
      ;(this as unknown as Record<string, unknown>)[key] = value
    }
    const { originalMaxAge } = options
    if (originalMaxAge !== undefined && originalMaxAge !== null)
      this.originalMaxAge = originalMaxAge
  }

  /** When the browser drops the cookie; `null`: when it closes. */
  get expires(): Date | null {
    return this._expires
  }

  set expires(expires: Date | string | null | undefined) {
    this._expires = typeof expires === 'string' ? new Date(expires) : (expires ?? null)
    this.originalMaxAge = this.maxAge
  }

  /** Milliseconds until then. Set, it is also how long the session lives without use. */
  get maxAge(): number | null {
    return this._expires && this._expires.valueOf() - Date.now()
  }

  set maxAge(maxAge: number | Date | null | undefined) {
    if (maxAge && typeof maxAge !== 'number' && !(maxAge instanceof Date)) {
      throw new TypeError('"maxAge" must be a number of milliseconds or a Date')
    }
    this.expires = typeof maxAge === 'number' ? new Date(Date.now() + maxAge) : maxAge
    // As given, and not as much less as a millisecond has passed.
    if (typeof maxAge === 'number') this.originalMaxAge = maxAge
  }

  /** All of it, as records keep it. */
  get data(): CookieData {
    const { originalMaxAge, partitioned, priority, expires, secure, httpOnly } = this
    const { domain, path, sameSite } = this
    return {
      originalMaxAge,
      partitioned,
      priority,
      expires,
      secure,
      httpOnly,
      domain,
      path,
      sameSite,
    }
  }

  /** The text of a `Set-Cookie`. */
  serialize(name: string, value: string): string {
    return serializeCookie(name, encodeURIComponent(value), this.data)
  }

  toJSON(): CookieData {
    return this.data
  }
}
