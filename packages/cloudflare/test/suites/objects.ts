import { env } from 'cloudflare:workers'
import { durableObjectStore } from '@sojourn/cloudflare'
import { keepSessionsIn } from '../../../core/test/new-store.ts'
import { apart } from '../apart.ts'

// Objects outlive a file, so that the next begins where this one cannot get.
let last = Math.floor(Math.random() * 2 ** 48)

keepSessionsIn(({ clock }) => {
  const number = ++last
  return durableObjectStore({
    sessions: apart(env.SESSIONS, number),
    subjects: apart(env.SUBJECTS, number),
    clock,
  })
})
