import { type Binding, bindingError, checkBinding, type ObjectNamespace } from './bindings.ts'

/** The objects of one class. Each request has a stub of its own, for one that has failed goes on failing. */
export interface ObjectRequests<Stub> {
  /** Asks the object of a name, once: it may have done what it was asked although its answer was lost. */
  ask<T>(name: string, request: (stub: Stub) => Promise<T>): Promise<T>
  /** Asks, and once more where the platform says that this may help: for what may as well happen twice. */
  askAgain<T>(name: string, request: (stub: Stub) => Promise<T>): Promise<T>
}

/** Where objects are to be. */
export interface Placement {
  readonly locationHint?: string | undefined
  readonly jurisdiction?: string | undefined
}

/**
 * Requests to the objects of a namespace.
 *
 * @throws {TypeError} naming the binding that is missing or of another kind; a request, where its class is another.
 */
export function objectRequests<Stub>(
  value: ObjectNamespace<Stub>,
  binding: Binding,
  { locationHint, jurisdiction }: Placement,
): ObjectRequests<Stub> {
  checkBinding(value, 'getByName', binding)
  const namespace = jurisdiction === undefined ? value : value.jurisdiction(jurisdiction)
  const options = locationHint === undefined ? {} : { locationHint }

  async function ask<T>(name: string, request: (stub: Stub) => Promise<T>): Promise<T> {
    try {
      return await request(namespace.getByName(name, options))
    } catch (cause) {
      const [, method] = /does not implement the method "(\w+)"/.exec(String(cause)) ?? []
      if (!method) throw cause
      throw bindingError(binding, `that of a class without "${method}"`, { cause })
    }
  }

  return {
    ask,
    askAgain: (name, request) =>
      ask(name, request).catch((error: unknown) => {
        if (!mayPass(error)) throw error
        return ask(name, request)
      }),
  }
}

// Cloudflare's words: retryable, and not overloaded, for then one more request makes things worse.
function mayPass(error: unknown): boolean {
  const { retryable, overloaded } = Object(error) as { retryable?: boolean; overloaded?: boolean }
  return retryable === true && overloaded !== true
}
