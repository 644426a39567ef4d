/** What is asked of a store, in the words that all of them have. */
export type Verb = 'read' | 'write' | 'delete'

export interface Probe {
  /** What was asked since `reset`. */
  readonly calls: Verb[]
  readonly failing: Set<Verb>
  /** Called around each call. */
  wait: (verb: Verb) => Promise<void> | undefined
  /** Counts a call, makes it wait or fail, and does it. */
  asked<T>(verb: Verb, work: () => T | Promise<T>): Promise<T>
  read(key: string): Promise<string | undefined>
  write(key: string, text: string): Promise<void>
  delete(key: string): Promise<void>
}

/** A store for those that take one, which shows what it is asked. */
export function probe(): Probe {
  const kept = new Map<string, string>()
  const self: Probe = {
    calls: [],
    failing: new Set(),
    wait: () => undefined,
    async asked(verb, work) {
      self.calls.push(verb)
      await self.wait(verb)
      if (self.failing.has(verb)) throw new Error('The store is down')
      return await work()
    },
    read: (key) => self.asked('read', () => kept.get(key)),
    write: (key, text) => self.asked('write', () => void kept.set(key, text)),
    delete: (key) => self.asked('delete', () => void kept.delete(key)),
  }
  return self
}
