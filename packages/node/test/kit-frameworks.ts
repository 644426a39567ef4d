import { expect } from 'vitest'
import { type Answer, ask, type Data, type site } from './kit.ts'

/** Shows that the client hears nothing before the store has answered, and can rely on the write once it does. */
export async function expectSaved(
  { gate, dataOf }: ReturnType<typeof site>,
  url: URL,
  saved: Partial<Data>,
): Promise<Answer> {
  const create = gate('create')
  let heard = false
  const asking = ask(url).finally(() => {
    heard = true
  })
  await create.reached
  // What a head takes to come over the loopback, many times over.
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  expect(heard).toBe(false)
  create.open()
  const answer = await asking
  expect(await dataOf(answer.cookie)).toEqual(saved)
  expect(answer.headers['cache-control']).toMatch(/^no-store/)
  return answer
}
