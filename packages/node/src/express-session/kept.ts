import type { AnyStore } from '@sojourn/core'
import type { Elsewhere } from './by-hand.ts'
import { type ConnectStore, destroyIn, getFrom } from './connect.ts'
import type { WrappedStore } from './connect-store.ts'
import type { Cookie } from './cookie.ts'
import { limited } from './in-turn.ts'
import { Keeper } from './keeper.ts'
import { createMove } from './move.ts'
import { type Previous, type SessionOptions, secretsOf } from './options.ts'
import type { ParsedRequest } from './presented.ts'
import { asStored } from './store-view.ts'
import { createTaken, createUpgrade, type Upgrade } from './upgrade.ts'

/** What the sessions under one secret are kept with. */
export interface Kept {
  readonly keeper: Keeper
  /** Takes over the session that a request presents, from where sessions were kept before. */
  readonly takeOver: Upgrade
  /** What there is elsewhere, or has become, of sessions; `null`: there were none before. */
  readonly elsewhere: Elsewhere | null
}

/** Where sessions are kept, and were before. */
export interface Places {
  readonly name: string
  readonly store: AnyStore | WrappedStore
  /** `null`: there were none. */
  readonly previous: Previous | null
  readonly previousName: string
  readonly previousStore: ConnectStore | null
  /** Whether that is another store than the one of today. */
  readonly isElsewhere: boolean
  cookieFor(request: ParsedRequest): Cookie
}

/** @throws {TypeError} naming the option at fault. */
export function keptWith(
  secret: NonNullable<SessionOptions['secret']>,
  options: SessionOptions,
  { name, store, previous, previousName, previousStore, isElsewhere, cookieFor }: Places,
): Kept {
  const secrets = secretsOf(secret)
  const before = previous?.secret ? secretsOf(previous.secret) : secrets
  // Since then, a secret of today may have signed what is there.
  const keys = [...secrets.keys, ...before.keys]
  const former = isElsewhere ? previousStore : null
  const hasMoved = former || previousName !== name
  const move = hasMoved ? createMove(former, previousName, keys) : null
  const endFormer = async (id: string): Promise<void> => move?.end(id)
  const keeper = new Keeper({ ...options, store, name, keys: secrets.keys, endFormer })
  if (!previous) return { keeper, takeOver: async () => null, elsewhere: null }
  const upgrade = createUpgrade(previousStore, previousName, before, cookieFor)
  const idsAfter = createTaken(previousName, before.keys, keeper)
  return {
    keeper,
    takeOver: async (request) =>
      (await upgrade(request, keeper)) ?? (await move?.take(request, keeper)) ?? null,
    elsewhere: {
      async find(id, asked) {
        const notYet = former && asked !== former ? await limited(() => getFrom(former, id)) : null
        if (notYet) return notYet
        const ids = asked === former ? [id, ...idsAfter(id)] : idsAfter(id)
        for (const after of ids) {
          const record = await store.read(after)
          if (record) return asStored(record)
        }
        return null
      },
      async end(id, asked) {
        // Whatever it is there, one of ours or not yet.
        if (former && asked !== former) await limited(() => destroyIn(former, id))
        // A request may have brought it along meanwhile. Not by way of the former one, which may be busy with just that.
        if (former) await store.delete(id)
        for (const after of idsAfter(id)) await keeper.end(after)
      },
    },
  }
}
