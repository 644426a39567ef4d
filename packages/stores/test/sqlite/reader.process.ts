import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { sqliteStore } from '@sojourn/stores/sqlite'

// Reads live sessions and touches one now and then, until it is told to stop; says how often, and how often in vain.
const [path = '', ids = ''] = process.argv.slice(2)
const store = sqliteStore({ database: new DatabaseSync(path) })
let running = true
process.on('message', () => {
  running = false
})
let [reads, touches, missing] = [0, 0, 0]
process.send?.('ready')
while (running) {
  for (const id of ids.split(',')) {
    if (!(await store.read(id))) missing++
    reads++
  }
  const now = Date.now()
  if (!(await store.touch(ids.split(',')[0] ?? '', now, now + 60_000))) missing++
  touches++
  await setImmediate()
}
process.send?.({ reads, touches, missing })
process.disconnect()
