import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createSessions, type SessionEvent } from '@sojourn/core'
import { browser } from '@sojourn/core/testing'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { shelf } from './databases.ts'

const files = shelf()
afterAll(() => files.clear())

/** A visitor of a site whose sessions are in a file, through a connection that waits 50 ms for locks. */
async function setup() {
  const path = files.path()
  const database = files.keep(new DatabaseSync(path, { timeout: 50 }))
  const events: SessionEvent[] = []
  const sessions = createSessions<{ visits: number }>({
    store: sqliteStore({ database }),
    secret: 'x'.repeat(32),
    onEvent: (event) => void events.push(event),
  })
  const visitor = browser(
    sessions.wrap(async (request, open) => {
      const session = await open()
      if (request.url.endsWith('/visit')) session.update('visits', (n = 0) => n + 1)
      return new Response(`${session.get('visits') ?? 'new'}`)
    }),
  )
  const visits = async (to: string) => (await visitor.get(to)).text()
  expect(await visits('/visit')).toBe('1')
  events.length = 0
  return { path, database, visitor, visits, events }
}

describe('a file that somebody else keeps locked for longer than the connection waits', () => {
  it('fails the write with a SessionError, still answers reads, and has lost nothing afterwards', async () => {
    const { path, visitor, visits, events } = await setup()
    const other = files.keep(new DatabaseSync(path))
    other.exec('BEGIN IMMEDIATE')
    const before = visitor.cookies
    await expect(visitor.get('/visit')).rejects.toMatchObject({
      name: 'SessionError',
      code: 'ERR_SESSION_STORE',
      cause: expect.objectContaining({ message: 'database is locked' }),
    })
    expect(events).toMatchObject([{ type: 'store-failure', operation: 'update' }])
    expect(visitor.cookies).toEqual(before)
    expect(await visits('/')).toBe('1')
    other.exec('COMMIT')
    expect(await visits('/visit')).toBe('2')
  })

  it('fails a read with a SessionError where even that is locked, and begins no session instead', async () => {
    const { path, visitor, visits, database } = await setup()
    database.close()
    const other = files.keep(new DatabaseSync(path))
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; PRAGMA user_version = 1; COMMIT')
    database.open()
    database.exec('PRAGMA busy_timeout = 50')
    const before = visitor.cookies
    await expect(visitor.get('/visit')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect(visitor.cookies).toEqual(before)
    other.close()
    expect(await visits('/visit')).toBe('2')
  })
})

describe('a file that is damaged', () => {
  it('fails every request with a SessionError, and opens nobody as a new visitor', async () => {
    const { path, database, visitor, events } = await setup()
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    database.close()
    const bytes = readFileSync(path)
    // All but the header, so that it still passes for a database.
    writeFileSync(path, bytes.fill(0xa5, 100))
    database.open()
    for (const target of ['/', '/visit']) {
      await expect(visitor.get(target)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    }
    expect(events.map(({ type }) => type)).toEqual(['store-failure', 'store-failure'])
    database.close()
    writeFileSync(path, '')
  })

  it('fails the request for a record that is no JSON any more', async () => {
    const { database, visitor } = await setup()
    database.exec('UPDATE sojourn_sessions SET record = substr(record, 1, 20)')
    await expect(visitor.get('/')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
  })
})
