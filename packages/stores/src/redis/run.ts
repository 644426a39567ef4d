import type { Send } from './client.ts'
import type { Script } from './scripts.ts'

/** Runs a script on one key. */
export type Run = (script: Script, key: string, ...args: string[]) => Promise<unknown>

/** By the script's name alone, and with its text where the server does not know it. */
export function runner(send: Send): Run {
  return async (script, key, ...args) => {
    try {
      return await send(key, ['EVALSHA', await script.name(), '1', key, ...args])
    } catch (error) {
      // A server that has just started, or was told to forget, has no scripts.
      if (!String((error as Error | null)?.message).startsWith('NOSCRIPT')) throw error
      return send(key, ['EVAL', script.text, '1', key, ...args])
    }
  }
}
