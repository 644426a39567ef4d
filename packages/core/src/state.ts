import { EMPTY_PATCH, type Patch } from './patch.ts'
import type { SessionRecord } from './record.ts'

/** What a session stands on in one request. Opening makes it, the session changes it, writing reads it. */
export interface State {
  /** As the store had it; `null` while nothing is stored. */
  record: SessionRecord | null
  /** The random part of the token that opened the record. */
  random: string
  /** The generation that the client presented. */
  generation: number
  /** Hand the token out again: the client's is signed with an older secret, or is of the generation in grace. */
  reissue: boolean
  /** The record of an outdated token that an honest request may be under way with: no cookie may be set over its successor. */
  settling: SessionRecord | null
  /** Whether the request presented any token. */
  presented: boolean
  /** Whether this request revoked its session, so that the client's token goes. */
  revoked: boolean
  patch: Patch
  /** The removal of the session that this request revoked. */
  ending: Promise<unknown> | null
  committed: boolean
}

/** A state in which nothing is stored. */
export function anonymousState(presented: boolean): State {
  return {
    record: null,
    random: '',
    generation: 0,
    reissue: false,
    settling: null,
    presented,
    revoked: false,
    patch: EMPTY_PATCH,
    ending: null,
    committed: false,
  }
}
