/** What a record can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** An object of JSON values. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** The same type, with everything in it `readonly`. */
export type DeepReadonly<T> = Json extends T
  ? T // Read-only by nature, and without end for the compiler.
  : T extends (...args: never) => unknown
    ? T
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T

/**
 * A deep copy of a value that JSON gives back as it was; members that are `undefined` are left out.
 *
 * @throws {TypeError} naming the key of what JSON would lose or change: a `Date`, a `Map`, a function, `NaN`, a cycle.
 */
export function copyJson(key: string, value: unknown): Json {
  if (typeof value === 'string' || (value && Number.isSafeInteger(value))) return value as Json
  try {
    const text = JSON.stringify(value, function (this: Record<string, unknown>, member: string) {
      // Not the second parameter, which a `toJSON` has already had its way with.
      const item = this[member]
      if (isJson(item) || (item === undefined && member && !Array.isArray(this))) return item
      throw new TypeError(`${Object.prototype.toString.call(item)} at "${member || key}"`)
    })
    return JSON.parse(text)
  } catch (cause) {
    throw new TypeError(`"${key}" is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** A deep copy of what is known to be JSON. */
export function cloneJson<T extends Json | undefined>(value: T): T {
  return value && typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean'
  const prototype = value && Object.getPrototypeOf(value)
  return !prototype || Array.isArray(value) || !Object.getPrototypeOf(prototype)
}
