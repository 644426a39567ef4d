import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { storeless } from '../packages/core/test/storeless.ts'

const folder = join(import.meta.dirname, '../packages/core/test')

it.each(storeless)('%s keeps no session, so it need not run on every store', (file) => {
  expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/\b(site|rounds|newStore)(<.*>)?\(/)
})
