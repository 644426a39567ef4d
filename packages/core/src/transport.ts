/** The part of a `Request` that a transport reads. */
export interface RequestLike {
  readonly headers: { get(name: string): string | null }
}

/** How a token travels. */
export interface Transport {
  /** Bound into every MAC: a token taken from one transport or name is refused in another. */
  readonly purpose: string
  /** The request header that an answer depends on, for `Vary`. */
  readonly vary: string
  /** The tokens that a request presents, most trusted first, a few at most. Never throws. */
  read(request: RequestLike): readonly string[]
  /**
   * Hands the client a token to keep for `maxAge` seconds (`null`: until the browser closes), or with `null` for a token takes away the
   * one it has. Called at most once for a response; replaces what stood there for this transport.
   */
  write(headers: Headers, token: string | null, maxAge: number | null): void
}
