/** What happens on the way that no session event tells. */
export type NodeEvent =
  /** A `Secure` cookie goes out over plain HTTP, so the browser drops it without a word: serve HTTPS, or name the proxies that do in `trustProxy`. */
  | { readonly type: 'cookie-refused'; readonly reason: 'insecure'; readonly cookie: string }
  /** A commit failed when nobody could be told by a response any more. */
  | { readonly type: 'commit-failed'; readonly error: unknown }
  /** A handler, or what answers for errors, failed when nobody could be told by a response any more. A response that had not ended was destroyed. */
  | { readonly type: 'handler-failed'; readonly error: unknown }

/** A listener that warns, once for each type. */
export function warn(): (event: NodeEvent) => void {
  const told = new Set<string>()
  return (event) => {
    if (told.has(event.type)) return
    told.add(event.type)
    process.emitWarning(textOf(event), { code: 'SOJOURN', type: 'SessionWarning' })
  }
}

function textOf(event: NodeEvent): string {
  switch (event.type) {
    case 'cookie-refused':
      return `The cookie ${event.cookie} is Secure and went out over plain HTTP, so browsers drop it`
    case 'commit-failed':
      return `A session could not be committed: ${String(event.error)}`
    case 'handler-failed':
      return `A handler failed after the response had left: ${String(event.error)}`
  }
}
