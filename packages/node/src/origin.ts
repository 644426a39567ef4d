import { BlockList, isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { NodeRequest } from './message.ts'

/**
 * Whose word is taken for where a request comes from: nobody's (`false`), that of so many proxies nearest to us, or of those with these
 * addresses, single or as `10.0.0.0/8`.
 */
export type TrustProxy = false | number | readonly string[]

/** Where a request comes from. */
export interface Origin {
  readonly scheme: 'http' | 'https'
  /** The client's address. */
  readonly address: string
}

/** Tells where requests come from. */
export type OriginOf = (request: NodeRequest) => Origin

/**
 * Reads `X-Forwarded-For` and `X-Forwarded-Proto` as far as they were written by proxies that are trusted: from the right, for anybody can
 * write what stands further to the left.
 *
 * @throws {TypeError} naming the option.
 */
export function originOf(trust: TrustProxy = false): OriginOf {
  const isTrusted = trustOf(trust)
  return (request) => {
    const socket = socketOf(request)
    const direct: Origin = {
      scheme: socket?.encrypted ? 'https' : 'http',
      address: socket?.remoteAddress ?? '',
    }
    const addresses = [...listOf(request, 'x-forwarded-for'), direct.address].reverse()
    const schemes = listOf(request, 'x-forwarded-proto').reverse()
    let hop = 0
    while (hop < addresses.length - 1 && isTrusted(addresses[hop] ?? '', hop)) hop++
    if (trust === false || !isTrusted(direct.address, 0)) return direct
    // A proxy that names one scheme names the one that the client used.
    const scheme = schemes[Math.min(Math.max(hop - 1, 0), schemes.length - 1)] ?? direct.scheme
    return { scheme: /^https$/i.test(scheme) ? 'https' : 'http', address: addresses[hop] ?? '' }
  }
}

// undici takes the socket away from a request that it has sent on as a body. Node keeps it under this name too.
function socketOf(request: NodeRequest): TLSSocket | null | undefined {
  const { socket, client } = request as { socket: Socket | null; client?: Socket }
  return (socket ?? client) as TLSSocket | null | undefined
}

function listOf({ headers }: NodeRequest, name: string): string[] {
  const value = headers[name]
  const text = Array.isArray(value) ? value.join(',') : (value ?? '')
  return text.split(',').flatMap((part) => part.trim() || [])
}

function trustOf(trust: TrustProxy): (address: string, hop: number) => boolean {
  if (trust === false) return () => false
  if (typeof trust === 'number') {
    if (Number.isInteger(trust) && trust > 0) return (_, hop) => hop < trust
  } else if (Array.isArray(trust)) {
    const list = new BlockList()
    for (const entry of trust) add(list, String(entry))
    return (address) => {
      const version = isIP(address)
      // It knows IPv4 in IPv6 as well.
      return version !== 0 && list.check(address, `ipv${version as 4 | 6}`)
    }
  }
  throw new TypeError(
    `"trustProxy" must be false, a number of proxies or a list of addresses, got ${JSON.stringify(trust)}`,
  )
}

function add(list: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/')
  const version = isIP(address)
  const bits = Number(prefix)
  const fits = prefix === undefined || (/^\d+$/.test(prefix) && bits <= (version === 4 ? 32 : 128))
  if (!version || !fits || rest.length) {
    throw new TypeError(`"trustProxy" must hold addresses or ranges, got ${JSON.stringify(entry)}`)
  }
  if (prefix === undefined) list.addAddress(address, `ipv${version as 4 | 6}`)
  else list.addSubnet(address, bits, `ipv${version as 4 | 6}`)
}
