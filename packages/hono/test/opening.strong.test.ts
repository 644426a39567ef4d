import { describe, expect, it } from 'vitest'
import { crowd } from './crowd.ts'

describe('many requests at once', () => {
  it('lose no change: 200 requests of 20 users, each with pauses [G2]', async () => {
    const { jars } = await crowd()
    for (const jar of jars) expect(await (await jar.get('/visits')).json()).toBe(10)
  })
})
