import { env } from 'cloudflare:workers'
import { kvStore } from '@sojourn/cloudflare'
import { keepSessionsIn } from '../../../core/test/new-store.ts'

// Stores outlive a file, so that the next begins where this one cannot get.
let last = Math.floor(Math.random() * 2 ** 48)

keepSessionsIn(({ clock }) => ({
  ...kvStore({ namespace: env.SESSIONS_KV, prefix: `${++last}:`, clock }),
  // Tests have shorter timeouts than KV has time to write.
  leastTouchInterval: 0,
}))
