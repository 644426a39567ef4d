import { isRemote } from './new-store.ts'

/** So many turns, in each of which others may go first. */
export async function turns(count: number): Promise<void> {
  for (let left = Math.floor(count); left > 0; left--) await turn()
}

let task: Promise<void> | null = null

// Calls that take real time change places by tasks only; one for all who wait, since workerd takes a millisecond for each.
function turn(): Promise<void> | null {
  if (!isRemote()) return null
  task ??= new Promise((resolve) => {
    setTimeout(() => {
      task = null
      resolve()
    })
  })
  return task
}
