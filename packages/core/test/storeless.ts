/** Tests that no choice of a store can change: they make no site. */
export const storeless: readonly string[] = [
  'browser.test.ts',
  'clock.test.ts',
  'cookie.test.ts',
  'crypto.test.ts',
  'delayed-store.test.ts',
  'faults.test.ts',
  'faulty-store.test.ts',
  'lifetime.test.ts',
  'memory-store.test.ts',
  'mutated-tokens.test.ts',
  'store-contract.test.ts',
]
