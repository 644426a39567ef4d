import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, directUrl, startWorkerd } from '../../../tests/plain-worker.ts'
import { SECRETS } from '../scenarios.ts'
import { type Contender, type HttpEffort, type HttpTable, inTurns } from './in-turns.ts'
import { askAt, load, type Server } from './load.ts'

interface Worker {
  readonly name: string
  readonly hasSessions: boolean
  /** Code that makes a `site` of `secrets`, `act` and `env`. */
  readonly code: string
  readonly objects?: Readonly<Record<string, string>>
}

function peer(name: string, file: string, member: string, hasSessions = true): Worker {
  return {
    name,
    hasSessions,
    code: `import { ${member} as peer } from './peers/${file}.ts'
      const siteOf = () => peer.start({ keeping: { kind: 'memory' }, secrets }, act)`,
  }
}

const sojourn = (store: string): string => `
  import { createSessions, memoryStore } from '@sojourn/core'
  import { durableObjectStore } from '@sojourn/cloudflare'
  import { sojournApp } from './peers/sojourn-app.ts'
  const siteOf = (env) => sojournApp(createSessions({ store: ${store}, secret: secrets }), act)`

const WORKERS: readonly Worker[] = [
  peer('bare handler', 'on-hono', 'bareHono', false),
  { name: 'Sojourn, memory', hasSessions: true, code: sojourn('memoryStore()') },
  {
    name: 'Sojourn, Durable Objects',
    hasSessions: true,
    code: `${sojourn('durableObjectStore({ sessions: env.SESSIONS, subjects: env.SUBJECTS })')}
      export { SessionObject, SubjectObject } from '@sojourn/cloudflare'`,
    objects: { SESSIONS: 'SessionObject', SUBJECTS: 'SubjectObject' },
  },
  peer('hono-sessions, memory', 'hono-sessions', 'honoSessionsPlain'),
  peer('hono-sessions, encrypted, memory', 'hono-sessions', 'honoSessionsEncrypted'),
  peer('@hono/session, in the cookie', 'hono-session', 'honoSessionJwe'),
  peer('iron-session, in the cookie', 'iron-session', 'ironSession'),
]

/** In workerd, over sockets: Hono in one isolate, each Worker in a workerd of its own, turn by turn. */
export async function overWorkerd(
  effort: HttpEffort,
  log: (line: string) => void,
): Promise<HttpTable> {
  const field = WORKERS.map(
    (worker): Contender => ({
      name: `workerd / ${worker.name}`,
      hasSessions: worker.hasSessions,
      start: () => start(worker),
    }),
  )
  return inTurns(field, effort, (repeat) => log(`in workerd: ${repeat}`))
}

async function start({ code, objects = {} }: Worker): Promise<Server> {
  const contents = await bundle({ code: worker(code), from: join(import.meta.dirname, '..') })
  const before = new Set(workerds())
  const miniflare = startWorkerd({ contents, objects })
  const { port } = await directUrl(miniflare)
  const [process = ''] = workerds().filter((id) => !before.has(id))
  const ask = askAt(Number(port))
  return {
    ask,
    load: (path, cookies, seconds) =>
      load(Number(port), path, cookies, seconds, async () => cpuOf(process)),
    end: () => miniflare.dispose(),
  }
}

// Made in the first request, since some draw random numbers when they are made, which Workers allow no earlier.
const worker = (code: string): string => `${code}
  import { application } from './act.ts'
  const act = application()
  const secrets = ${JSON.stringify(SECRETS)}
  let site
  export default {
    fetch(request, env, context) {
      site ??= siteOf(env)
      return site.fetch(request, env, context)
    },
  }`

function workerds(): string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/comm`, 'utf8').trim() === 'workerd'
    } catch {
      // It has ended meanwhile.
      return false
    }
  })
}

/** µs that a process has used its processors for, all threads. Linux counts in hundredths of a second. */
function cpuOf(process: string): number {
  const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
