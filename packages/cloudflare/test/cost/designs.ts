import { durableObjectStore, kvStore } from '@sojourn/cloudflare'
import type { CountedBindings } from './counted-bindings.ts'
import { type Site, sojournSite } from './sojourn-site.ts'
import { writePerRequest } from './write-per-request.ts'

/** A site to be sent through the hour, with a column in the tables. */
export interface Design {
  readonly name: string
  site(bindings: CountedBindings): Site
}

const objects = ({ sessions, subjects, clock }: CountedBindings) =>
  durableObjectStore({ sessions, subjects, clock })

const kv = ({ kv: namespace, clock }: CountedBindings) => kvStore({ namespace, clock })

/** The stores of this package: one line each. */
export const STORES: readonly Design[] = [
  { name: 'Durable Objects', site: (given) => sojournSite(objects(given), given.clock) },
  { name: 'Workers KV', site: (given) => sojournSite(kv(given), given.clock) },
]

/** The same shop, reading and writing with every request. */
export const WRITE_PER_REQUEST: readonly Design[] = [
  {
    name: 'write per request, Durable Objects',
    site: ({ plain, clock }) =>
      writePerRequest(
        {
          read: (id) => plain.getByName(id).read(),
          write: (id, text, seconds) => plain.getByName(id).write(text, seconds),
          remove: (id) => plain.getByName(id).remove(),
        },
        clock,
      ),
  },
  {
    name: 'write per request, Workers KV',
    site: ({ kv: namespace, clock }) =>
      writePerRequest(
        {
          read: (id) => namespace.get(`plain:${id}`),
          write: (id, text, expirationTtl) => namespace.put(`plain:${id}`, text, { expirationTtl }),
          remove: (id) => namespace.delete(`plain:${id}`),
        },
        clock,
      ),
  },
]
