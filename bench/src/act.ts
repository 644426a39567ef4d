import type { Act } from './peer.ts'

/** Where a request waits between reading and writing, when a test wants it to. */
export interface Gate {
  pass(path: string): Promise<void> | undefined
}

const OPEN: Gate = { pass: () => undefined }

/** The application: what is asked for by path, and `-` for what is not there. */
export function application(gate: Gate = OPEN): Act {
  return async (path, open) => {
    if (path === '/untouched') return 'ok'
    const visit = await open()
    const [, verb, value = ''] = path.split('/')
    switch (verb) {
      case 'read': {
        const user = visit.get('user')
        await gate.pass(path)
        return String(user ?? '-')
      }
      case 'create':
        await visit.set('user', 'ada')
        return 'ok'
      case 'write':
        await visit.count()
        return String(visit.get('count'))
      case 'set': {
        visit.get(value)
        await gate.pass(path)
        await visit.set(value, 'set')
        return 'ok'
      }
      case 'fill':
        await visit.set('text', 'x'.repeat(Number(value)))
        return 'ok'
      case 'all':
        return value
          .split(',')
          .map((key) => String(visit.get(key) ?? '-'))
          .join()
      case 'renew':
        if (!visit.renew) return 'cannot'
        await visit.renew()
        return 'ok'
      case 'end':
        await visit.end()
        return 'ok'
      default:
        throw new Error(`No such path: ${path}`)
    }
  }
}
