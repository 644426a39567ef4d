/** The host of a URL where a client has named none, or one that cannot be: RFC 6761 keeps it from ever being anybody's. */
export const NO_HOST = 'host.invalid'

const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d*)?$/i
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is

/**
 * The URL that a request target and a host name (RFC 9112 sections 3.2 and 3.3). Nothing that a client sends makes it throw, and no path is ever
 * taken for a host.
 */
export function urlOf(scheme: 'http' | 'https', target: string, host: string | undefined): string {
  // A target that names its host overrules the header.
  const [, named, rest = ''] = ABSOLUTE.exec(target) ?? []
  const path = named === undefined ? target : rest
  const origin = `${scheme}://${hostOr(NO_HOST, named ?? host)}`
  if (path === '*') return `${origin}/`
  return new URL(path.startsWith('/') ? origin + path : `${origin}/${path}`).href
}

function hostOr(fallback: string, host = ''): string {
  return HOST.test(host) && URL.canParse(`http://${host}`) ? host : fallback
}
