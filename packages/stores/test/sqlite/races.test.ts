import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { HAMMER_TIMEOUT, HAMMERED, hammer } from '../kit/hammer.ts'
import { shelf } from './databases.ts'

const files = shelf()
afterAll(() => files.clear())

describe('four processes that hammer one session of one file', () => {
  it(
    HAMMERED,
    async () => {
      const path = files.path()
      const database = files.keep(new DatabaseSync(path))
      await hammer(sqliteStore({ database }), import.meta.resolve('./open-store.ts'), path)
      expect(database.prepare('SELECT count(*) AS n FROM sojourn_sessions').get()).toEqual({ n: 0 })
      expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    },
    HAMMER_TIMEOUT,
  )
})
