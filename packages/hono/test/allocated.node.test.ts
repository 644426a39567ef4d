import { itTakesLessThan } from '../../core/test/allocation-limits.ts'

const program = new URL('allocated.process.ts', import.meta.url)

itTakesLessThan({ untouched: 18_200, read: 35_200, write: 39_300 }, 800, program)
