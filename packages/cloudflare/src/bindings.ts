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
  const has = (name: string) =>
    typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
  // A binding to a service seems to have every method there could be.
  if (has(method) && !has(`not ${method}`)) return
  const got = typeof value === 'object' && value !== null ? 'another kind of binding' : `${value}`
  throw bindingError(binding, got)
}

/** Says what an option got instead of its binding, and where to add that. */
export function bindingError(
  { option, name, kind, entry }: Binding,
  got: string,
  options?: ErrorOptions,
): TypeError {
  return new TypeError(
    `"${option}" must be ${kind}, got ${got}: in wrangler.jsonc, add ${entry} and pass env.${name}`,
    options,
  )
}
