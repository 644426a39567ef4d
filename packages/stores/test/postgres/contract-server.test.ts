import { afterAll, beforeAll, describe } from 'vitest'
import { hasPostgres, postgresServer } from '../kit/postgres-server.ts'
import { clients, shelf } from './clients.ts'
import { throughClients } from './contract-rows.ts'

describe.skipIf(!hasPostgres)('the Postgres store keeps the contract: a server', () => {
  const things = shelf()
  let url = ''
  beforeAll(async () => {
    const server = await postgresServer('fsync=off')
    things.keep(server, (one) => one.clear())
    url = server.url()
  })
  afterAll(() => things.clear())

  describe('as it comes:', () => throughClients(Object.keys(clients), () => url))
  describe.each(['serializable', 'repeatable read'])('where transactions are %s:', (isolation) => {
    const where = () =>
      `${url}?options=${encodeURIComponent(`-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`)}`
    throughClients(['pg, a pool'], where)
  })
})
