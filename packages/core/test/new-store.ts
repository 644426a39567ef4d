import { type AnyStore, memoryStore } from '../src/index.ts'

/** Makes a store that is empty, by a test's clock. */
export type NewStore = (options: { readonly clock: () => number }) => AnyStore

let other: NewStore | null = null

/** Runs the same tests on a store that is asked over a wire: the setup file of a Vitest project says which. */
export function keepSessionsIn(remote: NewStore): void {
  other = remote
}

/** What the tests keep their sessions in. */
export function newStore(options: Parameters<NewStore>[0]): AnyStore {
  return (other ?? memoryStore)(options)
}

/** Whether its calls take real time, so that nothing changes places within a task. */
export function isRemote(): boolean {
  return other !== null
}
