import { describe, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { playAny } from './faults/runs.ts'

// Minutes, for who asks for thousands of programs.
const timeout = 600_000

describe('whatever a store fails at, what it acknowledged holds, and the next request works', () => {
  it('with a memory store', () => playAny(300, { newStore: () => memoryStore() }), timeout)
})
