/** What a session cookie is set with. Durations are milliseconds, as in express-session. */
export interface CookieOptions {
  maxAge?: number | Date | null | undefined
  originalMaxAge?: number | null | undefined
  expires?: Date | string | null | undefined
  path?: string | undefined
  domain?: string | undefined
  httpOnly?: boolean | undefined
  /** `'auto'`: as the request came. */
  secure?: boolean | 'auto' | undefined
  sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined
  partitioned?: boolean | undefined
  priority?: 'low' | 'medium' | 'high' | undefined
}

/** What a record keeps of a cookie. */
export type CookieData = Omit<CookieOptions, 'maxAge'>
