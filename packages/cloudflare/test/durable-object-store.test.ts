import { env } from 'cloudflare:workers'
import { durableObjectStore } from '@sojourn/cloudflare'
import { storeContract } from '@sojourn/core/testing'
import { describe, it } from 'vitest'
import { apart } from './apart.ts'

describe('the Durable Object store keeps the whole contract:', () => {
  const { SESSIONS: sessions, SUBJECTS: subjects } = env
  // Every case has subjects of its own, as a store that is empty would.
  let round = 0
  const cases = storeContract(
    ({ clock }) => durableObjectStore({ sessions, subjects: apart(subjects, ++round), clock }),
    { list: true },
  )
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run())
})
