import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { afterAll, beforeAll, describe } from 'vitest'
import { shelf } from './clients.ts'
import { keepsTheContract, throughClients } from './contract-rows.ts'

describe('the Postgres store keeps the contract: PGlite', () => {
  const things = shelf()
  let database: PGlite
  let url = ''
  beforeAll(async () => {
    database = things.keep(await PGlite.create(), (one) => one.close())
    const settings = { port: 0, host: '127.0.0.1', maxConnections: 10 }
    const server = new PGLiteSocketServer({ db: database, ...settings })
    await things.keep(server, (one) => one.stop()).start()
    url = `postgres://postgres@${server.getServerConn()}/postgres`
  })
  afterAll(() => things.clear())

  describe('in this process:', () => keepsTheContract(() => database))
  // All connections are one session to it, so not every client will do.
  describe('through a socket:', () => throughClients(['pg, a pool', 'postgres'], () => url))
})
