import type { NodeResponse } from './message.ts'

/**
 * The headers of a response as the Web's own, for who changes few of them: copying all of them into `Headers` costs more than the rest of a
 * commit. What is changed stays here until `settle`.
 */
export class HeadDraft implements Headers {
  readonly #response: NodeResponse
  /** By name; without values where it is to go. */
  readonly #changed = new Map<string, readonly string[]>()

  constructor(response: NodeResponse) {
    this.#response = response
  }

  /** Puts what has changed into the response. Gives the cookies that are new in it. */
  settle(): string[] {
    const fresh = this.#freshCookies()
    for (const [name, values] of this.#changed) {
      if (!values.length) this.#response.removeHeader(name)
      else if (name === 'set-cookie') this.#response.setHeader(name, values)
      else this.#response.setHeader(name, values.join(', '))
    }
    this.#changed.clear()
    return fresh
  }

  #freshCookies(): string[] {
    const cookies = this.#changed.get('set-cookie')
    if (!cookies) return []
    const known = valuesOf(this.#response, 'set-cookie')
    return cookies.filter((cookie) => !known.includes(cookie))
  }

  #values(name: string): readonly string[] {
    const field = name.toLowerCase()
    return this.#changed.get(field) ?? valuesOf(this.#response, field)
  }

  get(name: string): string | null {
    const values = this.#values(name)
    return values.length ? values.join(', ') : null
  }

  has(name: string): boolean {
    return this.#values(name).length > 0
  }

  set(name: string, value: string): void {
    this.#changed.set(name.toLowerCase(), [String(value)])
  }

  append(name: string, value: string): void {
    this.#changed.set(name.toLowerCase(), [...this.#values(name), String(value)])
  }

  delete(name: string): void {
    this.#changed.set(name.toLowerCase(), [])
  }

  getSetCookie(): string[] {
    return [...this.#values('set-cookie')]
  }

  *entries(): HeadersIterator<[string, string]> {
    const names = new Set([...this.#response.getHeaderNames(), ...this.#changed.keys()])
    for (const name of [...names].sort()) {
      const values = this.#values(name)
      if (name === 'set-cookie') for (const cookie of values) yield [name, cookie]
      else if (values.length) yield [name, values.join(', ')]
    }
  }

  *keys(): HeadersIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): HeadersIterator<string> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): HeadersIterator<[string, string]> {
    return this.entries()
  }

  forEach(call: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this.entries()) call.call(self, value, name, this)
  }
}

/** A field of a response, as a list of texts. */
export function valuesOf(response: NodeResponse, name: string): string[] {
  const value = response.getHeader(name)
  if (value === undefined) return []
  return Array.isArray(value) ? value : [String(value)]
}
