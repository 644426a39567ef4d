import { postgresStore } from '@sojourn/stores/postgres'
import pg from 'pg'
import { sample } from '../kit/records.ts'

// Migrates what it is told with the others, keeps a session there, and says how that went.
const [connectionString = ''] = process.argv.slice(2)
const database = new pg.Pool({ connectionString, max: 1 })
await database.query('SELECT 1')
process.on('message', async ({ name }: { name: string }) => {
  try {
    const now = Date.now()
    const store = postgresStore({ database, schema: name, table: name })
    await store.migrate()
    process.send?.({ started: await store.create(sample(now), now + 60_000) })
  } catch (error) {
    process.send?.({ started: String(error) })
  }
})
process.send?.({ started: 'ready' })
