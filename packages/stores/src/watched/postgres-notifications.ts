import { quoted } from '../key.ts'
import { connect, type PostgresDatabase } from '../postgres/database.ts'
import { unref } from '../unref.ts'
import type { Notifications } from './notifications.ts'

/** A client of `pg` that is not connected yet. */
export interface PgListener {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<unknown>
  on(
    event: 'notification',
    listener: (message: { channel: string; payload?: string | undefined }) => void,
  ): unknown
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown
}

/** The `sql` of `postgres`, which keeps a connection for this and brings it back when it is lost. */
export interface ListeningSql {
  listen(
    channel: string,
    listener: (message: string) => void,
    listening: () => void,
  ): PromiseLike<{ unlisten(): Promise<unknown> }>
}

export interface PostgresNotificationsOptions {
  /** What publishes: the store's own. */
  readonly database: PostgresDatabase
  /** The `sql` of `postgres`, or for `pg` what makes a client: `() => new pg.Client(…)`. No pooler of transactions may be in between. */
  readonly listener: ListeningSql | (() => PgListener)
}

// In milliseconds.
const BEFORE_RECONNECT = 1000

/**
 * Notifications by Postgres' NOTIFY and LISTEN, through `pg` or `postgres`.
 *
 * @throws {TypeError} naming the option that is wrong.
 */
export function postgresNotifications(options: PostgresNotificationsOptions): Notifications {
  const { database, listener } = options
  const query = connect(database)
  const subscribe = subscriberOf(listener)
  return {
    publish: (channel, message) => query('SELECT pg_notify($1, $2)', [channel, message]),
    subscribe,
  }
}

function subscriberOf(
  listener: PostgresNotificationsOptions['listener'],
): Notifications['subscribe'] {
  if (typeof (listener as Partial<ListeningSql> | null)?.listen === 'function') {
    return bySql(listener as ListeningSql)
  }
  if (typeof listener === 'function') return byClients(listener)
  const got = typeof listener
  throw new TypeError(
    `"listener" must be the "sql" of postgres or a function that makes a client of pg, got ${got}`,
  )
}

function bySql(sql: ListeningSql): Notifications['subscribe'] {
  return async (channel, listener, resumed) => {
    let first = true
    const { unlisten } = await sql.listen(channel, listener, () => {
      if (!first) resumed()
      first = false
    })
    return unlisten
  }
}

// A client of pg that has lost its connection is of no more use.
function byClients(make: () => PgListener): Notifications['subscribe'] {
  return async (channel, listener, resumed) => {
    let client: PgListener | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let stopped = false

    async function begin(): Promise<void> {
      const next = make()
      const lost = (): void => {
        if (client !== next) return
        client = undefined
        next.end().catch(() => {})
        again()
      }
      next.on('error', lost)
      next.on('end', lost)
      next.on('notification', (message) => {
        if (message.channel === channel) listener(message.payload ?? '')
      })
      try {
        await next.connect()
        await next.query(`LISTEN ${quoted(channel)}`)
      } catch (error) {
        next.end().catch(() => {})
        throw error
      }
      client = next
    }

    function again(): void {
      if (stopped) return
      timer = unref(setTimeout(() => begin().then(back, again), BEFORE_RECONNECT))
    }

    function back(): void {
      if (stopped) void client?.end().catch(() => {})
      else resumed()
    }

    await begin()
    return async () => {
      stopped = true
      clearTimeout(timer)
      await client?.end()
    }
  }
}
