import { env } from 'cloudflare:workers'
import { durableObjectStore, kvCache, kvStore } from '@sojourn/cloudflare'
import { describe, expect, it } from 'vitest'

const { SESSIONS: sessions, SUBJECTS: subjects, SESSIONS_KV: namespace } = env

const toAdd = {
  sessions:
    'in wrangler.jsonc, add { "name": "SESSIONS", "class_name": "SessionObject" } to durable_objects.bindings and pass env.SESSIONS',
  subjects:
    'in wrangler.jsonc, add { "name": "SUBJECTS", "class_name": "SubjectObject" } to durable_objects.bindings and pass env.SUBJECTS',
  namespace:
    'in wrangler.jsonc, add { "binding": "SESSIONS_KV" } to kv_namespaces and pass env.SESSIONS_KV',
}

// To the caller a stub looks as a binding to a service does: it has every method.
const service = sessions.getByName('a service')

describe('the binding of a class', () => {
  it.each([
    ['missing', undefined, 'undefined'],
    ['a string', 'SESSIONS', 'SESSIONS'],
    ['a KV namespace', namespace, 'another kind of binding'],
    ['a service', service, 'another kind of binding'],
  ])('that is %s is named at construction, with the file to add it to', (_, wrong, got) => {
    expect(() => durableObjectStore({ sessions: wrong as never, subjects })).toThrow(
      new TypeError(
        `"sessions" must be the Durable Object namespace of SessionObject, got ${got}: ${toAdd.sessions}`,
      ),
    )
    expect(() => durableObjectStore({ sessions, subjects: wrong as never })).toThrow(
      new TypeError(
        `"subjects" must be the Durable Object namespace of SubjectObject, got ${got}: ${toAdd.subjects}`,
      ),
    )
  })
})

describe('the binding of a KV namespace', () => {
  it.each([
    ['missing', undefined, 'undefined'],
    ['a string', 'SESSIONS_KV', 'SESSIONS_KV'],
    ['a namespace of Durable Objects', sessions, 'another kind of binding'],
    ['a service', service, 'another kind of binding'],
  ])('that is %s is named at construction, with the file to add it to', (_, wrong, got) => {
    const options = { namespace: wrong as never }
    const error = new TypeError(
      `"namespace" must be a KV namespace, got ${got}: ${toAdd.namespace}`,
    )
    expect(() => kvStore(options)).toThrow(error)
    expect(() => kvCache(durableObjectStore({ sessions, subjects }), options)).toThrow(error)
  })
})
