import { type Engine, readRecord } from './engine.ts'
import { standing } from './lifetime.ts'
import { anonymousState, type State } from './state.ts'
import { AUTHORITATIVE, type ReadOptions } from './store.ts'
import { type Claim, sessionId, verifyToken } from './token.ts'
import type { RequestLike, Transport } from './transport.ts'

/**
 * What a request's session stands on. The first token that is ours counts, and the store is asked for no other; without one the session
 * is anonymous.
 *
 * @throws {SessionError} when the store fails: a session is never replaced because it could not be read.
 */
export async function openState(
  engine: Engine,
  transport: Transport,
  request: RequestLike,
  options?: ReadOptions,
): Promise<State> {
  const tokens = transport.read(request)
  for (const token of tokens) {
    const claim = await verifyToken(engine.keyring, token)
    if (typeof claim === 'object')
      return { ...anonymousState(true), ...(await redeem(engine, claim, options)) }
    engine.emit('rejected', null, { reason: claim })
  }
  return anonymousState(tokens.length > 0)
}

async function redeem(
  engine: Engine,
  claim: Claim,
  options?: ReadOptions,
): Promise<Partial<State>> {
  const { random, generation, outdatedSecret } = claim
  const id = await sessionId(engine.keyring, random)
  const record = await readRecord(engine, id, options)
  if (!record) return {}
  const now = engine.now()
  let worth = record === 'unknown' ? record : standing(record, generation, engine.policy, now)
  // The token proves that a newer record was written, and a store that lags has yet to show it: to be read, but not to be changed.
  if (worth === 'unknown' && record !== 'unknown' && engine.store.consistency === 'eventual') {
    if (!options?.authoritative) return redeem(engine, claim, AUTHORITATIVE)
    worth = 'current'
  }
  if (worth === 'unknown' || record === 'unknown') {
    engine.emit('rejected', { id, subject: null }, { reason: 'unknown' })
    return {}
  }
  if (worth === 'current' || worth === 'grace') {
    return { record, random, generation, reissue: outdatedSecret || worth === 'grace' }
  }
  const settling = worth === 'settling'
  engine.emit('replayed', record, { generation, age: now - record.generatedAt, settling })
  return settling ? { random, generation, settling: record } : {}
}
