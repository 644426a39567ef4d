import { itTakesLessThan } from '../../core/test/allocation-limits.ts'

const program = new URL('allocated.process.ts', import.meta.url)

itTakesLessThan({ untouched: 34_700, read: 57_800, write: 62_100 }, 1500, program)
