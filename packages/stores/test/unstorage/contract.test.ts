import { afterAll } from 'vitest'
import { contractTests } from './contract.ts'
import { inMemory, shelf } from './storages.ts'

const left = shelf()
afterAll(() => left.clear())

for (const [driver, open] of Object.entries(inMemory)) {
  contractTests(driver, () => ({ storage: open(left) }))
}
