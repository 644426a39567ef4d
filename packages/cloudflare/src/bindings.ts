/** What this package calls of a Durable Object namespace. */
export interface ObjectNamespace<Stub> {
  getByName(name: string, options?: { locationHint?: string }): Stub
  jurisdiction(jurisdiction: string): ObjectNamespace<Stub>
}

/** What is to be bound under an option, in the words of `wrangler.jsonc`. */
export interface Binding {
  readonly option: string
  readonly name: string
  readonly kind: string
  readonly entry: string
}

/**
 * Refuses what is not the binding that an option asks for.
 *
 * @throws {TypeError} naming the option, the binding and the file to add it to.
 */
export function checkBinding(value: unknown, method: string, binding: Binding): void {
  if (typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function') return
  const { option, name, kind, entry } = binding
  const got = typeof value === 'object' && value !== null ? 'another kind of binding' : `${value}`
  throw new TypeError(
    `"${option}" must be ${kind}, got ${got}: in wrangler.jsonc, add ${entry} and pass env.${name}`,
  )
}
