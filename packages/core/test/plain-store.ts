import type { SessionRecord, Store, SubjectIndex, SubjectPage, Sweeper } from '../src/index.ts'

export interface Kept {
  text: string
  subject: string | null
  version: number
  expiresAt: number
}

type Answer<T> = T | Promise<T>

/** The shortest store that keeps the contract, in parts that can be broken one by one. */
export class PlainStore implements Store, SubjectIndex, Sweeper {
  readonly consistency: 'strong' | 'eventual' = 'strong'
  readonly kept = new Map<string, Kept>()
  readonly clock: () => number

  constructor(clock: () => number) {
    this.clock = clock
  }

  encode(record: SessionRecord): string {
    return JSON.stringify(record)
  }

  decode(text: string): SessionRecord {
    return JSON.parse(text)
  }

  key(id: string): string {
    return id
  }

  hasEnded(expiresAt: number): boolean {
    return this.clock() >= expiresAt
  }

  find(id: string): Kept | undefined {
    const kept = this.kept.get(this.key(id))
    return kept && !this.hasEnded(kept.expiresAt) ? kept : undefined
  }

  put(record: SessionRecord, expiresAt: number): void {
    const { id, subject, version } = record
    this.kept.set(this.key(id), { text: this.encode(record), subject, version, expiresAt })
  }

  read(id: string): Answer<SessionRecord | null> {
    const kept = this.find(id)
    return kept ? this.decode(kept.text) : null
  }

  create(record: SessionRecord, expiresAt: number): Answer<boolean> {
    if (this.find(record.id)) return false
    this.put(record, expiresAt)
    return true
  }

  update(record: SessionRecord, expiresAt: number): Answer<'updated' | 'stale' | 'missing'> {
    const kept = this.find(record.id)
    if (!kept) return 'missing'
    if (kept.version !== record.version - 1) return 'stale'
    this.put(record, expiresAt)
    return 'updated'
  }

  touch(id: string, lastSeenAt: number, expiresAt: number): Answer<boolean> {
    const kept = this.find(id)
    if (!kept) return false
    const record = this.decode(kept.text)
    const seen = Math.max(lastSeenAt, record.lastSeenAt)
    this.put({ ...record, lastSeenAt: seen }, Math.max(expiresAt, kept.expiresAt))
    return true
  }

  delete(id: string): Answer<boolean> {
    return !!this.find(id) && this.kept.delete(this.key(id))
  }

  isListed(subject: string, kept: Kept): boolean {
    return kept.subject === subject && !this.hasEnded(kept.expiresAt)
  }

  recordsOf(subject: string): SessionRecord[] {
    const found = [...this.kept.values()].filter((kept) => this.isListed(subject, kept))
    const records = found.map(({ text }) => this.decode(text))
    return records.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  list(
    subject: string,
    { after = null, limit = 100 }: { after?: string | null; limit?: number } = {},
  ): Answer<SubjectPage> {
    const rest = this.recordsOf(subject).filter(({ id }) => after === null || id > after)
    const records = rest.slice(0, limit)
    return { records, after: rest.length > limit ? (records.at(-1)?.id ?? null) : null }
  }

  sweep(before: number, limit: number): Answer<number> {
    const expired = [...this.kept].filter(([, { expiresAt }]) => expiresAt <= before)
    for (const [key] of expired.slice(0, limit)) this.kept.delete(key)
    return Math.min(expired.length, limit)
  }
}
