import type { IncomingMessage } from 'node:http'
import type { NodeRequest, TrustProxy } from '@sojourn/node'
import { describe, expect, it } from 'vitest'
import { ask, listen, site } from './kit.ts'

interface From {
  readonly address?: string
  readonly encrypted?: boolean
  readonly for?: string
  readonly proto?: string
}

/** Where a request seems to come from. */
function origin(trustProxy: TrustProxy | undefined, from: From): string {
  const { web } = site(trustProxy === undefined ? {} : { trustProxy })
  const { address = '10.0.0.1', encrypted = false } = from
  const headers = { 'x-forwarded-for': from.for, 'x-forwarded-proto': from.proto }
  const request = { socket: { remoteAddress: address, encrypted }, headers }
  const { scheme, address: client } = web.originOf(request as unknown as NodeRequest)
  return `${scheme} ${client}`
}

const spoofed = { for: '1.1.1.1, 2.2.2.2', proto: 'https' }

describe('without trustProxy', () => {
  it('the socket alone counts, whatever the headers say', () => {
    expect(origin(undefined, spoofed)).toBe('http 10.0.0.1')
    expect(origin(false, spoofed)).toBe('http 10.0.0.1')
    expect(origin(false, { ...spoofed, proto: 'http', encrypted: true })).toBe('https 10.0.0.1')
    expect(origin([], spoofed)).toBe('http 10.0.0.1')
  })
})

describe('trustProxy as a number of proxies', () => {
  it.each<[string, number, From, string]>([
    ['one names the client', 1, { for: '9.9.9.9', proto: 'https' }, 'https 9.9.9.9'],
    [
      'what the client wrote before one is not believed',
      1,
      { for: '1.1.1.1, 9.9.9.9', proto: 'https, http' },
      'http 9.9.9.9',
    ],
    [
      'two, each of which has added a line',
      2,
      { for: '9.9.9.9, 10.0.0.2', proto: 'https, http' },
      'https 9.9.9.9',
    ],
    [
      'what the client wrote before two is not believed',
      2,
      { for: '1.1.1.1, 9.9.9.9, 10.0.0.2', proto: 'https, http, http' },
      'http 9.9.9.9',
    ],
    [
      'two, of which one has named the scheme',
      2,
      { for: '9.9.9.9, 10.0.0.2', proto: 'https' },
      'https 9.9.9.9',
    ],
    ['more than there are', 5, { for: '9.9.9.9', proto: 'https' }, 'https 9.9.9.9'],
    ['one that says nothing', 1, {}, 'http 10.0.0.1'],
    ['one that names the scheme alone', 1, { proto: 'https' }, 'https 10.0.0.1'],
    ['one that is reached over TLS, and says nothing', 1, { encrypted: true }, 'https 10.0.0.1'],
    [
      'one that is reached over TLS, from a client that was not',
      1,
      { encrypted: true, for: '9.9.9.9', proto: 'http' },
      'http 9.9.9.9',
    ],
    [
      'one behind a socket without an address',
      1,
      { address: '', for: '9.9.9.9', proto: 'https' },
      'https 9.9.9.9',
    ],
    ['a scheme in capitals', 1, { for: '9.9.9.9', proto: 'HTTPS' }, 'https 9.9.9.9'],
    ['a scheme that is none', 1, { for: '9.9.9.9', proto: 'httpsx' }, 'http 9.9.9.9'],
    ['gaps', 1, { for: ' , 9.9.9.9 ,', proto: ',https, ' }, 'https 9.9.9.9'],
  ])('%s', (_, count, from, expected) => {
    expect(origin(count, from)).toBe(expected)
  })
})

describe('trustProxy as a list of addresses', () => {
  it.each<[string, readonly string[], From, string]>([
    ['of the proxy', ['10.0.0.1'], { for: '9.9.9.9', proto: 'https' }, 'https 9.9.9.9'],
    ['of another', ['10.0.0.2'], { for: '9.9.9.9', proto: 'https' }, 'http 10.0.0.1'],
    [
      'a range of them',
      ['10.0.0.0/8'],
      { for: '1.1.1.1, 9.9.9.9, 10.9.9.9', proto: 'https' },
      'https 9.9.9.9',
    ],
    [
      'a client that names a proxy as its own client',
      ['10.0.0.0/8'],
      { for: '10.0.0.7, 9.9.9.9', proto: 'https' },
      'https 9.9.9.9',
    ],
    [
      'a client that comes past the proxies',
      ['10.0.0.0/8'],
      { address: '9.9.9.9', ...spoofed },
      'http 9.9.9.9',
    ],
    [
      'nobody but proxies',
      ['10.0.0.0/8'],
      { for: '10.0.0.3, 10.0.0.2', proto: 'https' },
      'https 10.0.0.3',
    ],
    [
      'IPv6',
      ['fd00::/8'],
      { address: 'fd12::1', for: '2001:db8::9', proto: 'https' },
      'https 2001:db8::9',
    ],
    [
      'IPv6, written otherwise',
      ['fd00:0:0::1'],
      { address: 'FD00::1', for: '2001:db8::9', proto: 'https' },
      'https 2001:db8::9',
    ],
    [
      'IPv6 of a link, with its zone',
      ['fe80::/10'],
      { address: 'fe80::1%eth0', for: '9.9.9.9', proto: 'https' },
      'https 9.9.9.9',
    ],
    [
      'IPv4 in IPv6, as a socket for both gives it',
      ['10.0.0.0/8'],
      { address: '::ffff:10.0.0.1', for: '9.9.9.9', proto: 'https' },
      'https 9.9.9.9',
    ],
    [
      'IPv4 in IPv6, in hexadecimal',
      ['10.0.0.1'],
      { address: '::ffff:a00:1', for: '9.9.9.9', proto: 'https' },
      'https 9.9.9.9',
    ],
    [
      'IPv4 in IPv6, in the list',
      ['::ffff:10.0.0.1', '::ffff:10.1.0.0/112'],
      { for: '9.9.9.9, ::ffff:10.1.2.3', proto: 'https' },
      'https 9.9.9.9',
    ],
    [
      'a zone that a stranger made up',
      ['10.0.0.1'],
      { for: '9.9.9.9, fe80::1%x%y', proto: 'https' },
      'https fe80::1%x%y',
    ],
    [
      'what is no address',
      ['10.0.0.1'],
      { for: '9.9.9.9, unknown', proto: 'https' },
      'https unknown',
    ],
    ['a socket without an address', ['10.0.0.1'], { address: '', ...spoofed }, 'http '],
    [
      'an address of IPv4 that is short for another',
      ['10.0.0.1'],
      { address: '10.1', ...spoofed },
      'http 10.1',
    ],
  ])('%s', (_, list, from, expected) => {
    expect(origin(list, from)).toBe(expected)
  })
})

it.each<[unknown, string]>([
  [true, 'true'],
  [0, '0'],
  [-1, '-1'],
  [1.5, '1.5'],
  [Number.NaN, 'null'],
  ['10.0.0.1', '"10.0.0.1"'],
  [null, 'null'],
  [['loopback'], '"loopback"'],
  [['10.0.0.0/33'], '"10.0.0.0/33"'],
  [['fd00::/129'], '"fd00::/129"'],
  [['10.0.0.0/'], '"10.0.0.0/"'],
  [['10.0.0.0/8/8'], '"10.0.0.0/8/8"'],
])('trustProxy does not take %j', (value, shown) => {
  const make = (): unknown => site({ trustProxy: value as TrustProxy })
  expect(make).toThrow(TypeError)
  expect(make).toThrow(/^"trustProxy" must /)
  expect(make).toThrow(shown)
})

it('headers that come several times are read as one list', async () => {
  const { web } = site({ trustProxy: 1 })
  const url = await listen((request: IncomingMessage, response) => {
    response.end(JSON.stringify(web.originOf(request)))
  })
  const { text } = await ask(url, {
    headers: [
      'host',
      'a',
      'x-forwarded-for',
      '1.1.1.1',
      'x-forwarded-for',
      '9.9.9.9',
      'x-forwarded-proto',
      'https',
      'x-forwarded-proto',
      'http',
    ],
  })
  expect(JSON.parse(text)).toEqual({ scheme: 'http', address: '9.9.9.9' })
})
