import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import sqlite from 'db0/connectors/node-sqlite'
import { createStorage, prefixStorage, type Storage } from 'unstorage'
import db0 from 'unstorage/drivers/db0'
import fs from 'unstorage/drivers/fs'
import fsLite from 'unstorage/drivers/fs-lite'
import lruCache from 'unstorage/drivers/lru-cache'
import memory from 'unstorage/drivers/memory'
import overlay from 'unstorage/drivers/overlay'

/** What tests left behind, and how to clear it. */
export interface Shelf {
  folder(): string
  keep(storage: Storage): Storage
  clear(): Promise<void>
}

export function shelf(): Shelf {
  const folders: string[] = []
  const kept: Storage[] = []
  return {
    folder() {
      const folder = mkdtempSync(join(tmpdir(), 'sojourn-unstorage-'))
      folders.push(folder)
      return folder
    },
    keep(storage) {
      kept.push(storage)
      return storage
    },
    async clear() {
      for (const storage of kept.splice(0)) await storage.dispose()
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** By name: an empty storage of a driver. */
export type Storages = Record<string, (shelf: Shelf) => Storage>

export const inMemory: Storages = {
  memory: ({ keep }) => keep(createStorage({ driver: memory() })),
  'lru-cache': ({ keep }) => keep(createStorage({ driver: lruCache({ max: 10_000 }) })),
  overlay: ({ keep }) => keep(createStorage({ driver: overlay({ layers: [memory(), memory()] }) })),
  prefixStorage: ({ keep }) => prefixStorage(keep(createStorage()), 'app:sessions'),
}

export const onDisk: Storages = {
  fs: ({ keep, folder }) => keep(createStorage({ driver: fs({ base: folder() }) })),
  'fs-lite, mounted': ({ keep, folder }) =>
    keep(createStorage()).mount('sojourn', fsLite({ base: folder() })),
  'db0 with SQLite': ({ keep, folder }) => {
    const database = createDatabase(sqlite({ path: join(folder(), 'sessions.db') }))
    return keep(createStorage({ driver: db0({ database }) }))
  },
}
