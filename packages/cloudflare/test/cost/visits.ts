import { TRAFFIC } from './assumptions.ts'
import type { RequestKind } from './kinds.ts'
import type { Random } from './random.ts'

type Ask = readonly [kind: RequestKind, path: string]

/** What one visitor asks for, and what they asked for on an earlier day. */
export interface Visit {
  readonly before?: { readonly ago: number; readonly path: string }
  readonly requests: readonly Ask[]
}

const DAY = 86_400_000

/** The visits of the hour, in the shares that are assumed. */
export function visits(random: Random): Visit[] {
  const { storesNothing, fillsBasket, signsIn, isRemembered } = TRAFFIC
  const shares = [storesNothing, fillsBasket, signsIn, isRemembered]
  const groups = [browsing, withBasket, withSignIn, remembered]
  const plans = groups.flatMap((group, index) => {
    return group(random, Math.round(TRAFFIC.visits * (shares[index] ?? 0)))
  })
  if (plans.length !== TRAFFIC.visits) throw new Error('The shares of the visits do not make 1')
  return plans
}

function browsing(_: Random, count: number): Visit[] {
  return times(count, (number) => ({ requests: pages(lengthOf(number), 'nothing') }))
}

/** A page, a thing into the basket, pages, one more thing, and the rest. */
function withBasket(random: Random, count: number): Visit[] {
  const dead = random.some(count, TRAFFIC.bringsDeadCookie)
  return times(count, (number) => {
    const { before, first } = beginning(dead.has(number))
    const rest = pages(lengthOf(number) - 2, 'basket')
    rest[random.between([0, rest.length - 1])] = ['change', '/basket']
    return { ...before, requests: [first, ['change', '/basket'], ...rest] }
  })
}

/** A page, perhaps a thing into the basket, the sign-in, and pages; perhaps the list, perhaps the sign-out at the end. */
function withSignIn(random: Random, count: number): Visit[] {
  const dead = random.some(count, TRAFFIC.bringsDeadCookie)
  const filling = random.some(count, TRAFFIC.fillsBasketFirst)
  const toBeRemembered = random.some(count, TRAFFIC.isToBeRemembered)
  const looking = random.some(count, TRAFFIC.looksAtList)
  const leaving = random.some(count, TRAFFIC.signsOut)
  return times(count, (number) => {
    const { before, first } = beginning(dead.has(number))
    const remember = toBeRemembered.has(number) ? '&remember' : ''
    const signIn: Ask = ['signIn', `/sign-in?subject=new-${number}${remember}`]
    const requests: Ask[] = filling.has(number)
      ? [first, ['change', '/basket'], signIn]
      : [first, signIn]
    const rest = pages(lengthOf(number) - requests.length, 'signedIn')
    if (looking.has(number)) rest.unshift(['list', '/list'])
    if (leaving.has(number)) rest.push(['signOut', '/sign-out'])
    return { ...before, requests: [...requests, ...rest] }
  })
}

function remembered(random: Random, count: number): Visit[] {
  const looking = random.some(count, TRAFFIC.looksAtList)
  return times(count, (number) => {
    const requests = pages(lengthOf(number), 'signedIn')
    if (looking.has(number)) requests.push(['list', '/list'])
    const ago = random.between([DAY, 3 * DAY])
    return { before: { ago, path: `/sign-in?subject=known-${number}&remember` }, requests }
  })
}

function beginning(dead: boolean): { readonly before: Pick<Visit, 'before'>; readonly first: Ask } {
  if (!dead) return { before: {}, first: ['nothing', '/'] }
  return { before: { before: { ago: DAY, path: '/basket' } }, first: ['dead', '/'] }
}

function pages(count: number, kind: RequestKind): Ask[] {
  return times(count, () => [kind, '/'])
}

// Each length as often as the others, so that chance has no part in how much is asked.
function lengthOf(number: number): number {
  const [least, most] = TRAFFIC.requestsPerVisit
  return least + (number % (most - least + 1))
}

function times<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number))
}
