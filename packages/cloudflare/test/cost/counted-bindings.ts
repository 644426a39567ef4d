import { env } from 'cloudflare:workers'
import type { DurableObjectStoreOptions, KvStoreOptions } from '@sojourn/cloudflare'
import type { Meter, Unit } from './meter.ts'

/** The bindings of a Worker, each request to them counted. */
export interface CountedBindings {
  readonly sessions: DurableObjectStoreOptions['sessions']
  readonly subjects: DurableObjectStoreOptions['subjects']
  readonly plain: PlainNamespace
  readonly kv: KvStoreOptions['namespace']
  readonly clock: () => number
}

/** The namespace of `PlainObject`. */
export interface PlainNamespace {
  getByName(name: string): {
    read(): Promise<string | null>
    write(text: string, seconds: number): Promise<void>
    remove(): Promise<void>
  }
}

/** Bindings for one design, whose objects have names of their own. */
export function countedBindings(design: string, meter: Meter, clock: () => number) {
  const bindings: CountedBindings = {
    sessions: countedObjects(env.COUNTED_SESSIONS, 'session', design, meter),
    subjects: countedObjects(env.COUNTED_SUBJECTS, 'subject', design, meter),
    plain: countedObjects(env.PLAIN_OBJECTS, 'session', design, meter),
    kv: countedKv(env.SESSIONS_KV, meter, clock),
    clock,
  }
  return bindings
}

type Method = (...args: unknown[]) => unknown

function countedObjects<T extends object>(
  namespace: T,
  object: 'session' | 'subject',
  design: string,
  meter: Meter,
): T {
  const { getByName } = namespace as { getByName: Method }
  return only(namespace, 'getByName', (name, ...options) => {
    const fullName = `${design}/${object}/${name}`
    const stub = Reflect.apply(getByName, namespace, [fullName, ...options]) as object
    return new Proxy(stub, {
      get: (target, method: string) => {
        const ask = Reflect.get(target, method) as Method
        return (...args: unknown[]) => {
          meter.countCall(object, fullName, method)
          return Reflect.apply(ask, target, args)
        }
      },
    })
  })
}

const KV_UNITS: Record<string, Unit> = {
  get: 'kvReads',
  getWithMetadata: 'kvReads',
  put: 'kvWrites',
  delete: 'kvDeletes',
  list: 'kvLists',
}

function countedKv<T extends object>(namespace: T, meter: Meter, clock: () => number): T {
  return new Proxy(namespace, {
    get(target, method: string) {
      if (!Reflect.has(target, method)) return
      const unit = KV_UNITS[method] ?? unknown(method)
      const ask = Reflect.get(target, method) as Method
      return (...args: unknown[]) => {
        // A bulk read is billed by the key.
        meter.count(unit, Array.isArray(args[0]) ? args[0].length : 1)
        if (method === 'put') keepInKv(meter, clock, args as Parameters<typeof env.SESSIONS_KV.put>)
        if (method === 'delete') meter.drop(`kv/${args[0]}`)
        return Reflect.apply(ask, target, args)
      }
    },
  })
}

function keepInKv(
  meter: Meter,
  clock: () => number,
  [key, value, { expirationTtl = Infinity, metadata = null } = {}]: Parameters<
    typeof env.SESSIONS_KV.put
  >,
): void {
  const text = `${key}${value}${metadata === null ? '' : JSON.stringify(metadata)}`
  const { length } = new TextEncoder().encode(text)
  meter.keep('kvByteSeconds', `kv/${key}`, length, clock() + expirationTtl * 1000)
}

/** An object with one method and no other that could go uncounted. */
function only<T extends object>(target: T, method: string, perform: Method): T {
  return new Proxy(target, {
    get(_, name: string) {
      if (name === method) return perform
      return Reflect.has(target, name) ? unknown(name) : undefined
    },
  })
}

function unknown(method: string): never {
  throw new Error(`Nothing counts "${method}" yet`)
}
