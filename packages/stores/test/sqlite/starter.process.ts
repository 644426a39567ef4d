import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { sample } from '../kit/records.ts'

// Starts on the file that it is told, with the others, and says how that went.
process.on('message', ({ path }: { path: string }) => {
  const database = new DatabaseSync(path)
  try {
    const now = Date.now()
    const store = sqliteStore({ database })
    process.send?.({ started: store.create(sample(now), now + 60_000) })
  } catch (error) {
    process.send?.({ started: String(error) })
  } finally {
    database.close()
  }
})
process.send?.({ started: 'ready' })
