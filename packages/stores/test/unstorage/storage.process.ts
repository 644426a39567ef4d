import type { SessionRecord } from '@sojourn/core'
import { unstorageStore } from '@sojourn/stores/unstorage'
import { createStorage } from 'unstorage'
import fs from 'unstorage/drivers/fs'
import redis from 'unstorage/drivers/redis'

/** What a process with a storage of its own is told. */
export type Order =
  /** To stand still before it writes the next key of this kind. */
  | { readonly order: 'stop at'; readonly kind: 'record' | 'touch' }
  | { readonly order: 'go on' }
  | { readonly order: 'update'; readonly record: SessionRecord }
  | { readonly order: 'touch'; readonly id: string }
  | { readonly order: 'hammer'; readonly id: string }

/** What it tells. */
export type Report =
  | { readonly report: 'ready' | 'stopped' | 'hammering' | 'over' }
  | { readonly report: 'answered'; readonly answer: unknown }

const [driver = '', where = ''] = process.argv.slice(2)
const storage = createStorage({
  driver: driver === 'redis' ? redis({ url: where }) : fs({ base: where }),
})
const MINUTE = 60_000
let stopAt = ''
let goOn = (): void => {}

const store = unstorageStore({
  storage: {
    ...storage,
    async setItem(key: string, value: string, options?: object) {
      if (stopAt && key.includes(`:${stopAt}:`)) {
        stopAt = ''
        await new Promise<void>((resolve) => {
          goOn = resolve
          tell({ report: 'stopped' })
        })
      }
      return storage.setItem(key, value, options)
    },
  },
})

process.on('message', async (order: Order) => {
  if (order.order === 'stop at') stopAt = order.kind
  else if (order.order === 'go on') goOn()
  else if (order.order === 'hammer') await hammer(order.id)
  else tell({ report: 'answered', answer: await carryOut(order) })
})

tell({ report: 'ready' })

function tell(report: Report): void {
  process.send?.(report)
}

function carryOut(order: Extract<Order, { order: 'update' | 'touch' }>): unknown {
  const now = Date.now()
  return order.order === 'update'
    ? store.update(order.record, now + 30 * MINUTE)
    : store.touch(order.id, now, now + 30 * MINUTE)
}

/** Changes and touches a session for as long as there is one. */
async function hammer(id: string): Promise<void> {
  for (let turn = 0; ; turn++) {
    const now = Date.now()
    const record = await store.read(id)
    if (!record) break
    const next = { ...record, version: record.version + 1, data: { text: 'x'.repeat(turn % 997) } }
    await store.update(next, now + 30 * MINUTE)
    await store.touch(id, now, now + 30 * MINUTE)
    if (turn === 3) tell({ report: 'hammering' })
  }
  tell({ report: 'over' })
}
