import { browser } from '@sojourn/core/testing'
import type { Site } from './sojourn-site.ts'

/** Cookie headers that somebody might try, made from a genuine one: garbage, cut, changed, and well-formed without the secret. */
export async function forgeries(site: Site, clock: () => number): Promise<string[]> {
  const victim = browser(site, { clock })
  await victim.get('/basket')
  const [cookie] = victim.cookies
  if (!cookie) throw new Error('A basket sets no cookie')
  const { name, value } = cookie
  const changed = `${value[0] === 'A' ? 'B' : 'A'}${value.slice(1)}`
  const made = `${'x'.repeat(32)}.0.${'x'.repeat(43)}`
  return ['forged', '', value.slice(0, -1), `${value}x`, changed, made].map(
    (one) => `${name}=${one}`,
  )
}
