import type { Script } from './scripts.ts'
import type { Send } from './send.ts'

/** Runs a script on one key. Its answer is text, or texts, whatever the client makes of numbers and texts. */
export type Run = (script: Script, key: string, ...args: string[]) => Promise<string | string[]>

/** By the script's name alone, and with its text where the server does not know it. */
export function runner(send: Send): Run {
  async function ask(script: Script, key: string, args: string[]): Promise<unknown> {
    try {
      return await send(key, ['EVALSHA', await script.name(), '1', key, ...args])
    } catch (error) {
      // A server that has just started, or was told to forget, has no scripts.
      if (!String((error as Error | null)?.message).startsWith('NOSCRIPT')) throw error
      return send(key, ['EVAL', script.text, '1', key, ...args])
    }
  }
  return async (script, key, ...args) => {
    const answer = await ask(script, key, args)
    return Array.isArray(answer) ? answer.map(String) : String(answer)
  }
}
