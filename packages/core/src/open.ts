import { type Engine, readRecord } from './engine.ts'
import { standing } from './lifetime.ts'
import { anonymousState, type State } from './state.ts'
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
): Promise<State> {
  const tokens = transport.read(request)
  for (const token of tokens) {
    const claim = await verifyToken(engine.keyring, token)
    if (typeof claim === 'object')
      return { ...anonymousState(true), ...(await redeem(engine, claim)) }
    engine.emit('rejected', null, { reason: claim })
  }
  return anonymousState(tokens.length > 0)
}

async function redeem(
  engine: Engine,
  { random, generation, outdatedSecret }: Claim,
): Promise<Partial<State>> {
  const id = await sessionId(engine.keyring, random)
  const record = await readRecord(engine, id)
  if (record === 'unusable') return {}
  const now = engine.now()
  const worth = record === 'unknown' ? record : standing(record, generation, engine.policy, now)
  // The token proves that a newer record was written, and a store that lags has yet to show it: to be read, but not to be changed.
  const lags = worth === 'unknown' && engine.store.consistency === 'eventual'
  if (record === 'unknown' || (worth === 'unknown' && !lags)) {
    engine.emit('rejected', { id, subject: null }, { reason: 'unknown' })
    return {}
  }
  if (lags || worth === 'current' || worth === 'grace') {
    return { record, random, generation, reissue: outdatedSecret || worth === 'grace' }
  }
  const settling = worth === 'settling'
  engine.emit('replayed', record, { generation, age: now - record.generatedAt, settling })
  return settling ? { random, generation, settling: record } : {}
}
