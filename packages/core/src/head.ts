import type { Transport } from './transport.ts'
import type { Handout } from './write.ts'

// Directives that let a shared cache keep a response, or that let a cache overlook `no-store` (RFC 9111 section 5.2.2.3).
const LOOSENING = /^(public|immutable|no-store|max-age|s-maxage|must-understand|stale-)/i
const DIRECTIVE = /[^\s,="]+(="[^"]*"|=[^,]*)?/g

// Fields that tell a CDN more than `Cache-Control` does, and so must not outlive it (RFC 9213).
const TARGETED = /-cache-control$|^(surrogate|edge)-control$/

/** Tells the client, and every cache on the way, what the session did. Bodies are never touched. */
export function writeHead(headers: Headers, transport: Transport, handout: Handout): void {
  if (handout.token !== undefined) {
    transport.write(headers, handout.token, handout.maxAge ?? null)
    forbidCaching(headers)
  }
  addVary(headers, transport.vary)
}

function forbidCaching(headers: Headers): void {
  const kept = (headers.get('cache-control')?.match(DIRECTIVE) ?? []).filter(
    (directive) => !LOOSENING.test(directive),
  )
  // First, so that no quote left open before it can hide it.
  headers.set('cache-control', ['no-store', ...kept].join(', '))
  for (const name of [...headers.keys()]) {
    if (TARGETED.test(name)) headers.delete(name)
  }
}

function addVary(headers: Headers, field: string): void {
  const vary = headers.get('vary')
  const fields = vary?.toLowerCase().split(/\s*,\s*/) ?? []
  if (fields.includes('*') || fields.includes(field.toLowerCase())) return
  headers.append('vary', field)
}
