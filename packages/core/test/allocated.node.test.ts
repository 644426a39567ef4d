import { itTakesLessThan } from './allocation-limits.ts'

const program = new URL('allocated.process.ts', import.meta.url)

itTakesLessThan({ anonymous: 4_150, read: 14_900, write: 18_600, forged: 9_800 }, 500, program)
