import { DurableObject, env } from 'cloudflare:workers'
import { SessionObject, SubjectObject } from '@sojourn/cloudflare'
import { counted, type ObjectContext } from './counted-storage.ts'

/** The library's object of a session, on counted storage. */
export class CountedSessionObject extends SessionObject {
  constructor(ctx: ObjectContext, bindings: unknown) {
    super(ctx, bindings)
    this.ctx = counted(ctx, (name) => env.COUNTED_SESSIONS.getByName(name))
  }
}

/** The library's object of a subject, on counted storage. */
export class CountedSubjectObject extends SubjectObject {
  constructor(ctx: ObjectContext, bindings: unknown) {
    super(ctx, bindings)
    this.ctx = counted(ctx, (name) => env.COUNTED_SUBJECTS.getByName(name))
  }
}

interface PlainEntry {
  readonly text: string
  readonly removeAt: number
}

/** An object for the site that writes with every request: one entry, and an alarm that moves as lazily as the library's does. */
export class PlainObject extends DurableObject {
  constructor(ctx: ObjectContext, bindings: unknown) {
    super(ctx, bindings)
    this.ctx = counted(ctx, (name) => env.PLAIN_OBJECTS.getByName(name))
  }

  async read(): Promise<string | null> {
    const entry = this.ctx.storage.kv.get<PlainEntry>('session')
    return entry && Date.now() < entry.removeAt ? entry.text : null
  }

  async write(text: string, seconds: number): Promise<void> {
    const { kv } = this.ctx.storage
    const isNew = kv.get('session') === undefined
    const removeAt = Date.now() + seconds * 1000
    kv.put('session', { text, removeAt })
    if (isNew) await this.ctx.storage.setAlarm(removeAt)
  }

  async remove(): Promise<void> {
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()])
  }

  async alarm(): Promise<void> {
    const entry = this.ctx.storage.kv.get<PlainEntry>('session')
    if (entry && Date.now() < entry.removeAt) await this.ctx.storage.setAlarm(entry.removeAt)
    else await this.remove()
  }
}
