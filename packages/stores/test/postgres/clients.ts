import { neon, neonConfig } from '@neondatabase/serverless'
import type { PostgresDatabase } from '@sojourn/stores/postgres'
import pg from 'pg'
import postgres from 'postgres'
import { httpEndpoint } from './http-endpoint.ts'

/** A client, and how to close it. */
export interface Opened {
  readonly database: PostgresDatabase
  close(): unknown
}

type Open = (url: string) => Opened | Promise<Opened>

/** What is to be closed once its tests have run, the last one first. */
export function shelf() {
  const open: (() => unknown)[] = []
  return {
    keep<C>(kept: C, close: (kept: C) => unknown): C {
      open.push(() => close(kept))
      return kept
    },
    async clear() {
      for (const close of open.splice(0).reverse()) await close()
    },
  }
}

/** Every way to a server. */
export const clients: Readonly<Record<string, Open>> = {
  'pg, a pool': poolOf({}),
  postgres: sqlOf({}),
  'postgres, with other names, BigInts and nothing prepared': sqlOf({
    transform: postgres.camel,
    types: { bigint: postgres.BigInt },
    prepare: false,
  }),
  'pg, a client': async (url) => {
    const client = new pg.Client(url)
    await client.connect()
    return { database: client, close: () => client.end() }
  },
  'pg, a function that gives rows as arrays, with BigInts': (connectionString) => {
    const types: pg.CustomTypesConfig = {
      getTypeParser: (id, format) => (id === 20 ? BigInt : pg.types.getTypeParser(id, format)),
    }
    const pool = new pg.Pool({ connectionString, types })
    return {
      database: async (text, values) => (await pool.query({ text, values, rowMode: 'array' })).rows,
      close: () => pool.end(),
    }
  },
  'Neon, over HTTP': neonOf({}),
  'Neon, over HTTP, with full results as arrays': neonOf({ arrayMode: true, fullResults: true }),
}

function poolOf(config: pg.PoolConfig): Open {
  return (connectionString) => {
    const pool = new pg.Pool({ ...config, connectionString, max: 5 })
    return { database: pool, close: () => pool.end() }
  }
}

function sqlOf(options: postgres.Options<Record<string, postgres.PostgresType>>): Open {
  return (url) => {
    const sql = postgres(url, { ...options, max: 5 })
    return { database: sql, close: () => sql.end() }
  }
}

function neonOf(options: object): Open {
  return async (url) => {
    const endpoint = await httpEndpoint(url)
    neonConfig.fetchEndpoint = endpoint.url
    return { database: neon(url.replace('@', ':secret@'), options), close: endpoint.close }
  }
}
