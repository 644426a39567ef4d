import type { SessionEvent } from '@sojourn/core'
import type { MeteredOperation } from '@sojourn/stores/metered'
import type { Entry } from './journal.ts'
import { counted } from './words.ts'

/** What came of one request, in a sentence or two. */
export function explain(entry: Entry): string {
  const { before, after, steps } = entry
  if (!before) return 'Nobody asked for the session: no cryptography, no store, no header.'
  const events = eventsOf(entry)
  const happened = (type: SessionEvent['type']) => events.find((event) => event.type === type)

  if (happened('store-failure'))
    return 'The store failed, so nothing was sent that names a session.'
  if (happened('lost-write'))
    return 'Another request was faster, so what this one changed was dropped.'
  const replay = happened('replayed')
  if (replay)
    return 'A token came back that had been replaced. It opened nothing, and was reported.'
  const rejected = events.find((event) => event.type === 'rejected')
  if (rejected?.reason === 'unknown') return 'The token is genuine, but its session has ended.'
  if (rejected) return 'The token is none of ours, and the store was not even asked.'
  const expired = events.find((event) => event.type === 'expired')
  if (expired) return `The session had ended: its ${expired.timeout} timeout was over.`

  if (happened('signed-in')) {
    return happened('created')
      ? 'One record created, already signed in: there was nothing to replace.'
      : 'One conditional write. Same id, new token: the old one died in that write.'
  }
  const revoked = events.filter(({ type }) => type === 'revoked').length
  if (revoked && before.id && !after?.id) return 'The record is gone, and so is the cookie.'
  if (revoked) return `${counted(revoked, 'session')} ended. Their tokens open nothing from now on.`
  if (happened('created')) return 'Something worth keeping: one record created, one cookie set.'
  if (happened('renewed')) return 'The token had served its time, so the browser got the next one.'
  if (happened('touched')) return 'Only the idle deadline moved. That is written now and then.'
  if (operationsOf(entry).some(({ operation }) => operation === 'update')) {
    return 'One conditional write. The token stays, so no cookie was set.'
  }
  if (steps.length) return 'Nothing changed, so nothing was written, and no cookie was set.'
  return 'A visitor who stores nothing costs nothing: the store was not asked.'
}

export function operationsOf({ steps }: Entry): MeteredOperation[] {
  return steps.filter((step) => 'outcome' in step)
}

function eventsOf({ steps }: Entry): SessionEvent[] {
  return steps.filter((step) => 'type' in step)
}
