import type { SessionRecord, SubjectPage } from '../src/index.ts'
import { type Kept, PlainStore } from './plain-store.ts'

/** A store whose copies are what `change` makes of them. */
function altering(change: (record: SessionRecord) => SessionRecord): typeof PlainStore {
  return class extends PlainStore {
    override encode(record: SessionRecord) {
      return super.encode(change(record))
    }
  }
}

/** A store whose records keep what `change` makes of their JSON text. */
function rewriting(change: (text: string) => string): typeof PlainStore {
  return class extends PlainStore {
    override encode(record: SessionRecord) {
      return change(super.encode(record))
    }
  }
}

/** A store in which `change` makes one name of several. */
function foldingSubjects(change: (subject: string) => string): typeof PlainStore {
  return class extends PlainStore {
    override isListed(subject: string, kept: Kept) {
      if (kept.subject === null) return super.isListed(subject, kept)
      return super.isListed(change(subject), { ...kept, subject: change(kept.subject) })
    }
  }
}

/** A store that forbids, or forgets, some of what the contract asks for. */
export const BROKEN: Readonly<Record<string, typeof PlainStore>> = {
  'says nothing of its consistency': class extends PlainStore {
    override readonly consistency = 'maybe' as 'strong'
  },
  'reads undefined for what it does not have': class extends PlainStore {
    override read(id: string) {
      return (this.find(id) ? super.read(id) : undefined) as SessionRecord | null
    }
  },
  'fails on an id that is malformed': class extends PlainStore {
    override find(id: string) {
      if (!/^[\w-]{32}$/.test(id)) throw new Error(`Malformed id`)
      return super.find(id)
    }
  },
  'keeps its records in an object with a prototype': class extends PlainStore {
    override find(id: string) {
      return id in {} ? ({ text: '{}', expiresAt: Infinity } as Kept) : super.find(id)
    }
  },
  'takes an id for a pattern': class extends PlainStore {
    override find(id: string) {
      return super.find(id.endsWith('*') ? ([...this.kept.keys()][0] ?? id) : id)
    }
  },
  'ignores the case of ids': class extends PlainStore {
    override key(id: string) {
      return id.toLowerCase()
    }
  },
  'truncates ids': class extends PlainStore {
    override key(id: string) {
      return id.slice(0, 31)
    }
  },

  'drops empty lists as some Lua libraries do': rewriting((text) => text.replaceAll('[]', '{}')),
  'drops empty data': altering((record) =>
    Object.keys(record.data).length ? record : { ...record, data: null as never },
  ),
  'rounds numbers': rewriting((text) => text.replaceAll(/:(\d+\.\d+|\[0,-1.5)/g, ':[1,-2')),
  'keeps text as Latin-1': rewriting((text) => text.replaceAll(/[\u0100-\uffff]/g, '?')),
  'strips NUL from text': rewriting((text) => text.replaceAll('\\u0000', '')),
  'loses keys that objects inherit': rewriting((text) => text.replaceAll('"__proto__"', '"proto"')),
  'lets data cover facts of the record': altering((record) =>
    Object.assign({}, record, record.data, { id: record.id }),
  ),
  'cuts long data': altering((record) =>
    JSON.stringify(record).length < 65_536 ? record : { ...record, data: {} },
  ),
  'keeps only the columns that it knows': altering((record) => {
    const { tenant: _, ...known } = record as SessionRecord & { tenant?: unknown }
    return known
  }),
  'forgets the device': altering((record) => ({ ...record, device: null })),

  'overwrites by create': class extends PlainStore {
    override create(record: SessionRecord, expiresAt: number) {
      this.put(record, expiresAt)
      return true
    }
  },
  'moves the expiry by a create that it refuses': class extends PlainStore {
    override create(record: SessionRecord, expiresAt: number) {
      const kept = this.find(record.id)
      if (kept) kept.expiresAt = expiresAt
      return super.create(record, expiresAt)
    }
  },
  'creates in two steps': class extends PlainStore {
    override async create(record: SessionRecord, expiresAt: number) {
      const isTaken = !!this.find(record.id)
      await undefined
      if (!isTaken) this.put(record, expiresAt)
      return !isTaken
    }
  },
  'creates nothing over what has expired': class extends PlainStore {
    override create(record: SessionRecord, expiresAt: number) {
      return !this.kept.has(record.id) && super.create(record, expiresAt)
    }
  },
  'keeps what it is given, and no copy': class extends PlainStore {
    readonly given = new Map<string, SessionRecord>()
    override encode(record: SessionRecord) {
      this.given.set(record.id, record)
      return record.id
    }
    override decode(id: string) {
      return structuredClone(this.given.get(id) as SessionRecord)
    }
  },
  'hands out what it keeps, and no copy': class extends PlainStore {
    readonly out = new Map<string, SessionRecord>()
    override decode(text: string) {
      const record = this.out.get(text) ?? super.decode(text)
      this.out.set(text, record)
      return record
    }
  },

  'creates by update': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      const kept = this.find(record.id)
      if (kept && kept.version !== record.version - 1) return 'stale'
      this.put(record, expiresAt)
      return 'updated'
    }
  },
  'creates by an update to version 1': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      if (record.version > 1 || this.find(record.id)) return super.update(record, expiresAt)
      this.put(record, expiresAt)
      return 'updated'
    }
  },
  'updates whatever the version': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      if (!this.find(record.id)) return 'missing'
      this.put(record, expiresAt)
      return 'updated'
    }
  },
  'updates from any older version': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      const kept = this.find(record.id)
      if (kept && kept.version < record.version) kept.version = record.version - 1
      return super.update(record, expiresAt)
    }
  },
  'says stale and moves the expiry all the same': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      const kept = this.find(record.id)
      if (kept) kept.expiresAt = expiresAt
      return super.update(record, expiresAt)
    }
  },
  'updates in two steps': class extends PlainStore {
    override async update(record: SessionRecord, expiresAt: number) {
      const kept = this.find(record.id)
      await undefined
      if (!kept) return 'missing'
      if (kept.version !== record.version - 1) return 'stale'
      this.put(record, expiresAt)
      return 'updated'
    }
  },
  'says missing where it is stale': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      const answer = super.update(record, expiresAt)
      return answer === 'stale' ? 'missing' : answer
    }
  },
  'keeps the later expiry by an update': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      return super.update(record, Math.max(expiresAt, this.find(record.id)?.expiresAt ?? 0))
    }
  },
  'revives a deleted record by an update': class extends PlainStore {
    readonly deleted = new Map<string, Kept>()
    override delete(id: string) {
      const kept = this.find(id)
      if (kept) this.deleted.set(id, kept)
      return super.delete(id)
    }
    override update(record: SessionRecord, expiresAt: number) {
      const kept = this.deleted.get(record.id)
      if (kept) this.kept.set(record.id, kept)
      return super.update(record, expiresAt)
    }
  },

  'creates by touch': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      if (this.find(id)) return super.touch(id, lastSeenAt, expiresAt)
      this.kept.set(id, { text: `{"id":"${id}"}`, subject: null, version: 1, expiresAt })
      return true
    }
  },
  'says yes to a touch of nothing': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      super.touch(id, lastSeenAt, expiresAt)
      return true
    }
  },
  'shortens by touch': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      const kept = this.find(id)
      if (kept) kept.expiresAt = 0
      if (kept) this.put(this.decode(kept.text), expiresAt)
      return super.touch(id, lastSeenAt, expiresAt)
    }
  },
  'moves lastSeenAt backwards by touch': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      const kept = this.find(id)
      if (kept) this.put({ ...this.decode(kept.text), lastSeenAt: 0 }, kept.expiresAt)
      return super.touch(id, lastSeenAt, expiresAt)
    }
  },
  'ignores a touch that does not move the expiry': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      const kept = this.find(id)
      return kept && expiresAt < kept.expiresAt ? true : super.touch(id, lastSeenAt, expiresAt)
    }
  },
  'moves the expiry alone by touch': class extends PlainStore {
    override touch(id: string, _lastSeenAt: number, expiresAt: number) {
      return super.touch(id, 0, expiresAt)
    }
  },
  'counts a touch as a version': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      const kept = this.find(id)
      if (kept) kept.version++
      const record = kept && { ...this.decode(kept.text), version: kept.version }
      if (record) this.put(record, kept.expiresAt)
      return super.touch(id, lastSeenAt, expiresAt)
    }
  },
  'touches in two steps': class extends PlainStore {
    override async touch(id: string, lastSeenAt: number, expiresAt: number) {
      const kept = this.find(id)
      await undefined
      if (!kept) return false
      this.put({ ...this.decode(kept.text), lastSeenAt }, Math.max(expiresAt, kept.expiresAt))
      return true
    }
  },

  'never expires anything': class extends PlainStore {
    override hasEnded() {
      return false
    }
  },
  'expires a millisecond late': class extends PlainStore {
    override hasEnded(expiresAt: number) {
      return this.clock() > expiresAt
    }
  },
  'expires by the second': class extends PlainStore {
    override hasEnded(expiresAt: number) {
      return Math.ceil(this.clock() / 1000) >= Math.floor(expiresAt / 1000)
    }
  },
  'expires all at once': class extends PlainStore {
    override hasEnded() {
      return [...this.kept.values()].some((kept) => super.hasEnded(kept.expiresAt))
    }
  },
  'expires by a timer of 32 bits': class extends PlainStore {
    override put(record: SessionRecord, expiresAt: number) {
      super.put(record, expiresAt)
      if (expiresAt - this.clock() > 2 ** 31 - 1) this.kept.delete(record.id)
    }
  },
  'updates what has expired': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      const kept = this.kept.get(record.id)
      if (kept) kept.expiresAt = Infinity
      return super.update(record, expiresAt)
    }
  },
  'touches what has expired': class extends PlainStore {
    override touch(id: string, lastSeenAt: number, expiresAt: number) {
      const kept = this.kept.get(id)
      if (kept) kept.expiresAt = Math.max(kept.expiresAt, expiresAt)
      return super.touch(id, lastSeenAt, expiresAt)
    }
  },
  'counts what has expired as deleted': class extends PlainStore {
    override delete(id: string) {
      return this.kept.delete(this.key(id))
    }
  },
  'says yes to every delete': class extends PlainStore {
    override delete(id: string) {
      super.delete(id)
      return true
    }
  },
  'says no to every delete': class extends PlainStore {
    override delete(id: string) {
      super.delete(id)
      return false
    }
  },
  'deletes everything': class extends PlainStore {
    override delete(id: string) {
      const had = super.delete(id)
      if (had) this.kept.clear()
      return had
    }
  },

  'lists what was deleted': class extends PlainStore {
    readonly deleted: SessionRecord[] = []
    override delete(id: string) {
      const kept = this.find(id)
      if (kept) this.deleted.push(this.decode(kept.text))
      return super.delete(id)
    }
    override recordsOf(subject: string) {
      const deleted = this.deleted.filter((record) => record.subject === subject)
      return [...super.recordsOf(subject), ...deleted]
    }
  },
  'lists what has expired': class extends PlainStore {
    override isListed(subject: string, kept: Kept) {
      return kept.subject === subject
    }
  },
  'lists everybody’s': class extends PlainStore {
    override isListed() {
      return true
    }
  },
  'lists what is nobody’s under null': class extends PlainStore {
    override isListed(subject: string, kept: Kept) {
      return super.isListed(subject, { ...kept, subject: String(kept.subject) })
    }
  },
  'lists by a prefix of the subject': class extends PlainStore {
    override isListed(subject: string, kept: Kept) {
      const covers = kept.subject?.startsWith(`${subject}:`)
      return super.isListed(subject, covers ? { ...kept, subject } : kept)
    }
  },
  'ignores the case of subjects': foldingSubjects((subject) => subject.toLowerCase()),
  'ignores blanks around subjects': foldingSubjects((subject) => subject.trim()),
  'normalises subjects': foldingSubjects((subject) => subject.normalize()),
  'truncates subjects': foldingSubjects((subject) => subject.slice(0, 1000)),
  'lists by the subject of the first write': class extends PlainStore {
    readonly first = new Map<string, string | null>()
    override put(record: SessionRecord, expiresAt: number) {
      if (!this.first.has(record.id)) this.first.set(record.id, record.subject)
      super.put(record, expiresAt)
      const kept = this.find(record.id)
      if (kept) kept.subject = this.first.get(record.id) ?? null
    }
  },
  'lists a session for its former subjects too': class extends PlainStore {
    readonly former = new Map<string, Set<string | null>>()
    override put(record: SessionRecord, expiresAt: number) {
      super.put(record, expiresAt)
      const subjects = this.former.get(record.id) ?? new Set()
      this.former.set(record.id, subjects.add(record.subject))
    }
    override recordsOf(subject: string) {
      const records = [...this.kept.keys()].map((id) => super.read(id) as SessionRecord | null)
      return records.filter((one) => one !== null && this.former.get(one.id)?.has(subject)) as []
    }
  },
  'lists records as they were first written': class extends PlainStore {
    readonly first = new Map<string, SessionRecord>()
    override put(record: SessionRecord, expiresAt: number) {
      super.put(record, expiresAt)
      if (!this.first.has(record.id)) this.first.set(record.id, structuredClone(record))
    }
    override recordsOf(subject: string) {
      return super.recordsOf(subject).map((record) => this.first.get(record.id) ?? record)
    }
  },
  'indexes before it knows whether it writes': class extends PlainStore {
    override update(record: SessionRecord, expiresAt: number) {
      const kept = this.find(record.id)
      if (kept) kept.subject = record.subject
      return super.update(record, expiresAt)
    }
  },
  'hands out what it lists, and no copy': class extends PlainStore {
    readonly live = new Map<string, SessionRecord>()
    override recordsOf(subject: string) {
      const records = super.recordsOf(subject)
      for (const record of records) this.live.set(record.id, record)
      return records
    }
    override read(id: string) {
      return this.live.get(id) ?? super.read(id)
    }
  },
  'lists the first page only': class extends PlainStore {
    override list(subject: string, page?: { after?: string | null; limit?: number }) {
      return { ...(super.list(subject, page) as SubjectPage), after: null }
    }
  },
  'ignores the limit of a page': class extends PlainStore {
    override list(subject: string) {
      return super.list(subject, { limit: Infinity })
    }
  },
  'ignores the default limit of a page': class extends PlainStore {
    override list(subject: string, page: { after?: string | null; limit?: number } = {}) {
      return super.list(subject, { limit: Infinity, ...page })
    }
  },
  'never ends its pages': class extends PlainStore {
    override list(subject: string, page?: { after?: string | null; limit?: number }) {
      return { ...(super.list(subject, page) as SubjectPage), after: '' }
    }
  },
  'pages by position, which deletions move': class extends PlainStore {
    override list(
      subject: string,
      { after, limit = 100 }: { after?: string | null; limit?: number } = {},
    ) {
      const all = this.recordsOf(subject)
      const start = Number(after ?? 0)
      const end = start + limit
      return { records: all.slice(start, end), after: end < all.length ? String(end) : null }
    }
  },
  'begins a page with the last of the one before': class extends PlainStore {
    override list(subject: string, page?: { after?: string | null; limit?: number }) {
      const found = super.list(subject, page) as SubjectPage
      return { ...found, after: found.records.at(-2)?.id ?? null }
    }
  },
  'loses its place when the last of a page is deleted': class extends PlainStore {
    override list(subject: string, page: { after?: string | null; limit?: number } = {}) {
      const isLost = page.after && !this.find(page.after)
      return isLost ? { records: [], after: null } : super.list(subject, page)
    }
  },

  'sweeps what is live': class extends PlainStore {
    override sweep(_before: number, limit: number) {
      return super.sweep(Infinity, limit)
    }
  },
  'sweeps by its own clock': class extends PlainStore {
    override sweep(_before: number, limit: number) {
      return super.sweep(this.clock(), limit)
    }
  },
  'sweeps a millisecond late': class extends PlainStore {
    override sweep(before: number, limit: number) {
      return super.sweep(before - 1, limit)
    }
  },
  'ignores the limit of a sweep': class extends PlainStore {
    override sweep(before: number) {
      return super.sweep(before, Infinity)
    }
  },
  'sweeps nothing': class extends PlainStore {
    override sweep() {
      return 0
    }
  },
  'sweeps by the first expiry': class extends PlainStore {
    readonly first = new Map<string, number>()
    override put(record: SessionRecord, expiresAt: number) {
      super.put(record, expiresAt)
      if (!this.first.has(record.id)) this.first.set(record.id, expiresAt)
    }
    override sweep(before: number, limit: number) {
      const ids = [...this.kept.keys()].filter((id) => (this.first.get(id) ?? 0) <= before)
      for (const id of ids.slice(0, limit)) this.kept.delete(id)
      return Math.min(ids.length, limit)
    }
  },
  'counts in two sweeps what one removed': class extends PlainStore {
    override async sweep(before: number, limit: number) {
      const ids = [...this.kept].filter(([, { expiresAt }]) => expiresAt <= before)
      await undefined
      for (const [id] of ids.slice(0, limit)) this.kept.delete(id)
      return Math.min(ids.length, limit)
    }
  },
}
