import { afterAll } from 'vitest'
import { contractTests } from './contract.ts'
import { onDisk, shelf } from './storages.ts'

const left = shelf()
afterAll(() => left.clear())

for (const [driver, open] of Object.entries(onDisk)) {
  contractTests(driver, () => ({ storage: open(left) }))
}
