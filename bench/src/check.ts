import { checkOperations } from './operations.ts'
import { nameOf } from './peer.ts'
import { peers } from './peers/index.ts'
import { prepare, scenarios, start } from './scenarios.ts'

// What is cheap to know before anything is timed: every library still does what it is measured for.
console.error = () => {}
await checkOperations()
for (const peer of peers) {
  for (const scenario of scenarios) {
    const site = await start(peer, { kind: 'memory' })
    const ready = await prepare(peer, site, scenario)
    if (typeof ready === 'string') console.log(`${nameOf(peer)}, ${scenario.name}: – ${ready}`)
    await site.close?.()
  }
}
console.log('Every library answers right, and asks its store what it is said to.')
process.exit()
