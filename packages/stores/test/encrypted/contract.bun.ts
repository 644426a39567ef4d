import { memoryStore } from '@sojourn/core'
import { storeContract } from '@sojourn/core/testing'
import { encrypted } from '@sojourn/stores/encrypted'
import { KEY, VECTOR } from './vector.ts'

const broken: string[] = []
let kept = 0
const cases = storeContract(({ clock }) => encrypted(memoryStore({ clock }), KEY), {
  list: true,
  sweep: true,
})
for (const { name, run } of cases) {
  await run().then(
    () => kept++,
    (error) => broken.push(`${name}: ${error}`),
  )
}
const memory = memoryStore({ clock: () => VECTOR.createdAt })
memory.create(VECTOR, VECTOR.createdAt + 1)
const unsealed = await encrypted(memory, KEY).read(VECTOR.id)
process.stdout.write(JSON.stringify({ kept, broken, unsealed }))
