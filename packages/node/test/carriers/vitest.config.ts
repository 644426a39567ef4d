import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { throughAdapters } from '../../../../vitest.workspace.ts'

/** Nothing but the core's tests through the adapters, for another version of Node. */
export default defineConfig({
  root: join(import.meta.dirname, '../../../..'),
  test: { reporters: ['json'], projects: throughAdapters() },
})
