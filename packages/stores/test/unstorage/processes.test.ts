import { createStorage } from 'unstorage'
import fs from 'unstorage/drivers/fs'
import { afterAll } from 'vitest'
import { processTests } from './processes.ts'
import { shelf } from './storages.ts'

const left = shelf()
afterAll(() => left.clear())

processTests('fs', async () => {
  const where = left.folder()
  return { storage: left.keep(createStorage({ driver: fs({ base: where }) })), where }
})
