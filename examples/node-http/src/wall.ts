import { randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { createSessions, type Session } from '@sojourn/core'
import { nodeSessions } from '@sojourn/node'
import { sqliteStore } from '@sojourn/stores/sqlite'
import { watched } from '@sojourn/stores/watched'
import { pageOf } from './page.ts'

/** What a visitor's session keeps. */
interface Visit {
  written: number
}

export interface Note {
  readonly by: string
  readonly text: string
}

export interface Wall {
  readonly listener: RequestListener
  /** Ends the streams of all readers. */
  leave(): void
  close(): void
}

const MAX_BODY = 10_000

/** A wall to write on, whose readers see each note at once, for as long as they are signed in. */
export function createWall(file: string): Wall {
  const database = new DatabaseSync(file)
  const store = watched(sqliteStore({ database }))
  const web = nodeSessions(createSessions<Visit>({ store, secret: secretIn(database) }))
  const notes: Note[] = []
  const readers = new Set<ServerResponse>()
  const sweeping = setInterval(() => void store.sweep(Date.now(), 1000), 60_000).unref()

  type Page = (
    request: IncomingMessage,
    response: ServerResponse,
    session: Session<Visit>,
  ) => unknown
  const pages: Record<string, Page> = {
    'GET /': (_, response, { subject }) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.setHeader(
        'content-security-policy',
        "default-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
      )
      response.end(pageOf(subject, notes))
    },
    'POST /sign-in': async (request, response, session) => {
      const name = (await formOf(request)).get('name')?.trim().slice(0, 40)
      if (name) session.signIn(name, { method: 'name' })
      backHome(response)
    },
    'POST /sign-out': async (_, response, session) => {
      await session.revoke()
      backHome(response)
    },
    'POST /sign-out-everywhere': async (_, response, session) => {
      if (session.subject !== null) await web.sessions.revokeAll(session.subject)
      await session.revoke()
      backHome(response)
    },
    'POST /write': async (request, response, session) => {
      const text = (await formOf(request)).get('text')?.trim().slice(0, 500)
      if (session.subject !== null && text) {
        session.update('written', (written = 0) => written + 1)
        tell({ by: session.subject, text })
      }
      backHome(response)
    },
    'GET /notes': (_, response, { id, subject }) => {
      if (id === null || subject === null) {
        response.writeHead(403).end()
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': here is what others write\n\n')
      readers.add(response)
      // However the session ends, here or in another tab, so does this.
      const stop = store.watch(id, () => {
        response.end('event: ended\ndata: signed out\n\n')
      })
      response.once('close', () => {
        readers.delete(response)
        stop()
      })
    },
  }

  function tell(note: Note): void {
    notes.unshift(note)
    notes.length = Math.min(notes.length, 100)
    for (const reader of readers) reader.write(`data: ${JSON.stringify(note)}\n\n`)
  }

  return {
    listener: web.handler(async (request: IncomingMessage, response: ServerResponse) => {
      const page = pages[`${request.method} ${request.url}`]
      if (!page) return response.writeHead(404).end('There is no such page.\n')
      // A form of another site has no business here (OWASP CSRF, Fetch Metadata).
      const site = request.headers['sec-fetch-site'] ?? 'same-origin'
      if (request.method === 'POST' && site !== 'same-origin') return response.writeHead(403).end()
      return page(request, response, await web.open(request))
    }),
    leave() {
      for (const reader of readers) reader.end()
    },
    close() {
      clearInterval(sweeping)
      store.unwatchAll()
      database.close()
    },
  }
}

function backHome(response: ServerResponse): void {
  response.writeHead(303, { location: '/' }).end()
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) {
    text += part
    if (text.length > MAX_BODY) throw new Error('The form is too long')
  }
  return new URLSearchParams(text)
}

// As lasting as the sessions. A site of yours has it from its environment.
function secretIn(database: DatabaseSync): Uint8Array {
  database.exec('CREATE TABLE IF NOT EXISTS secret (bytes BLOB NOT NULL)')
  const kept = database.prepare('SELECT bytes FROM secret').get()
  if (kept) return kept['bytes'] as Uint8Array
  const secret = randomBytes(32)
  database.prepare('INSERT INTO secret VALUES (?)').run(secret)
  return secret
}
