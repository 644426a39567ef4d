/** Sends a command about one key to where the key is, and never to a replica. */
export type Send = (key: string, command: readonly [string, ...string[]]) => Promise<unknown>
