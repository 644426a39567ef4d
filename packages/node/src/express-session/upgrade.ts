import type { JsonObject } from '@sojourn/core'
import { type ConnectStore, destroyIn, getFrom, type StoredSession } from './connect.ts'
import { isOurs } from './connect-store.ts'
import { Cookie } from './cookie.ts'
import { limited } from './in-turn.ts'
import { cookieJson } from './kept-cookie.ts'
import type { Keeper, Opened } from './keeper.ts'
import { createMint } from './mint.ts'
import type { Secrets } from './options.ts'
import { type ParsedRequest, presentedAs, unsign } from './presented.ts'
import { OWN } from './snapshot.ts'
import { warnOnce } from './warn.ts'

/** A session of ours, which may have been one of express-session's. */
export interface Upgraded {
  readonly opened: Opened
  readonly token: string
}

/** Takes over the session that a request presents in a cookie of express-session's, if there is one. */
export type Upgrade = (request: ParsedRequest, keeper: Keeper) => Promise<Upgraded | null>

/** What a record says of its upgrade: the old cookie is good until the client has come back with the new one, and a little longer. */
type Mark = { readonly confirmedAt: number | null }

// Requests that the client sent before it had the new cookie may still be under way.
const GRACE = 30_000

/** How sessions of express-session's are taken over; `null` as the store: there is none to find them in. */
export function createUpgrade(
  store: ConnectStore | null,
  name: string,
  secrets: Secrets,
  cookieOf: (request: ParsedRequest) => Cookie,
): Upgrade {
  const read = presentedAs(name)
  const purpose = `cookie/${name}`
  const follow = secrets.keys.map((key) => createMint(key, purpose).follow)

  return async (request, keeper) => {
    for (const { id, secret } of idsIn(request)) {
      if (!store) {
        warnOnce(
          'PREVIOUS',
          'A session of express-session was presented: name its store in "previous.store", or set "previous" to false',
        )
        return null
      }
      const random = follow[secret]?.(id)
      const upgraded = random && (await take(store, id, random, keeper, () => cookieOf(request)))
      if (upgraded) return upgraded
    }
    return null
  }

  function idsIn(request: ParsedRequest): { id: string; secret: number }[] {
    const ids = read(request).flatMap((value) => unsign(value, secrets.signing) ?? [])
    // What a cookie parser has verified.
    const parsed = request.signedCookies?.[name]
    return typeof parsed === 'string' && parsed ? [...ids, { id: parsed, secret: 0 }] : ids
  }
}

/** Tells by which ids a session of express-session's is known here, once it was taken over. */
export function createTaken(
  name: string,
  keys: readonly Uint8Array[],
  { mints }: Keeper,
): (oldId: string) => string[] {
  const follow = keys.map((key) => createMint(key, `cookie/${name}`).follow)
  return (oldId) => follow.map((of) => mints[0](of(oldId)).id)
}

/**
 * The new token follows from the old id, so that requests side by side make one session. The old record is gone before anything is answered;
 * who made a new one and finds the old one gone came late, and perhaps after a sign-out.
 */
async function take(
  store: ConnectStore,
  oldId: string,
  random: string,
  keeper: Keeper,
  cookieOf: () => Cookie,
): Promise<Upgraded | null> {
  const { id, token } = keeper.mints[0](random)
  const read = (): Promise<StoredSession | null> => limited(() => getFrom(store, oldId))
  const old = await read()
  // A record of ours is found by a token only: its id is public, and may have been signed as any other value.
  const isOld = old !== null && !isOurs(old)
  if (isOld) {
    const cookie = cookieAfter(old, cookieOf())
    const persistent = keeper.idle.isLonger(cookie, cookieOf())
    if ((await keeper.create(id, dataOf(old, cookie), persistent)) && !(await read())) {
      await keeper.remove(id)
      return null
    }
    await limited(() => destroyIn(store, oldId))
  }
  const opened = await keeper.open(token)
  if (opened.id === null) return null
  return isOld || isGood(markOf(opened)) ? { opened, token } : null
}

// Lives as long as the old one would have, and is what the application says today, or nowhere but in the old one.
function cookieAfter({ cookie: was }: StoredSession, now: Cookie): Cookie {
  const { originalMaxAge: _, _expires, ...today } = now
  return Object.assign(new Cookie(was), today)
}

function dataOf({ cookie: _, ...data }: StoredSession, cookie: Cookie): JsonObject {
  const mark: Mark = { confirmedAt: null }
  return {
    ...JSON.parse(JSON.stringify(data)),
    cookie: cookieJson(cookie),
    [OWN]: mark,
  }
}

function isGood(mark: Mark | undefined): boolean {
  if (!mark) return false
  return mark.confirmedAt === null || Date.now() < mark.confirmedAt + GRACE
}

function markOf(opened: Opened): Mark | undefined {
  return opened.get(OWN) as Mark | undefined
}

/** Writes down that the client has the new cookie. `true`: that is a change to be saved. */
export function confirmUpgrade(opened: Opened): boolean {
  const mark = markOf(opened)
  if (mark?.confirmedAt !== null) return false
  opened.set(OWN, { confirmedAt: Date.now() })
  return true
}

/** Drops what is known of an upgrade that is over. */
export function forgetUpgrade(opened: Opened): void {
  const mark = markOf(opened)
  if (mark && !isGood(mark)) opened.delete(OWN)
}
