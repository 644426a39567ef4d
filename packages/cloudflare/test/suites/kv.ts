import { env } from 'cloudflare:workers'
import { kvStore } from '@sojourn/cloudflare'
import { keepSessionsIn } from '../../../core/test/new-store.ts'
import { leaveOut } from './leave-out.ts'

// Stores outlive a file, so that the next begins where this one cannot get.
let last = Math.floor(Math.random() * 2 ** 48)

keepSessionsIn(({ clock }) => kvStore({ namespace: env.SESSIONS_KV, prefix: `${++last}:`, clock }))

const OVERWRITES = 'KV compares nothing: of two writes at the same moment the later one stays'

// What docs/stores.md says that KV cannot promise.
leaveOut({
  'races.test.ts': {
    'that change different keys both win': OVERWRITES,
    'that count up all count': OVERWRITES,
    'up to 60 on one session all write': OVERWRITES,
    'makes what was under way with the old token anonymous': OVERWRITES,
    'twice at the same moment, by one subject': OVERWRITES,
    'by two subjects at the same moment': OVERWRITES,
    'has one winner; the other sets no cookie': OVERWRITES,
    'lose no change': OVERWRITES,
  },
  'timeouts.test.ts': {
    'by ten requests at once gives one new token': `${OVERWRITES}, so that each believes it renewed`,
    'revives nothing that was found to have ended':
      'A read removes nothing: another place may have moved the deadline, and KV shows it later',
  },
  'opening.test.ts': { 'lose no change': OVERWRITES },
})
