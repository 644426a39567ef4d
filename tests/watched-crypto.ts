/** What was used of Web Crypto so far, in order: for a Worker that imports this file before all others. */
export const used: string[] = []

function watched<T extends object>(target: T): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      if (name === 'subtle') return watched(value as object)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        used.push(String(name))
        return Reflect.apply(value, target, args)
      }
    },
  })
}

Object.defineProperty(globalThis, 'crypto', { value: watched(crypto) })
