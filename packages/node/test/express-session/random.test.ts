import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Bag, modules, type Req, secret, site, visitor } from './kit.ts'

/** What a handler does to its session. */
type Step = (request: Req) => unknown

const keys = fc.constantFrom('a', 'b', 'user', 'x.y', '0', 'constructor', 'toString', 'Cookie')
const values = fc.jsonValue({ maxDepth: 2 })

function withBag(change: (bag: Bag) => unknown): Step {
  return ({ session }) => (session ? change(session) : undefined)
}

function called(name: 'save' | 'regenerate' | 'destroy' | 'reload'): Step {
  return ({ session }) => session && new Promise((done) => session[name](done))
}

const step = fc.oneof(
  fc.tuple(keys, values).map(([key, value]) => ({
    name: `set ${key}`,
    step: withBag((bag) => Reflect.set(bag, key, structuredClone(value))),
  })),
  keys.map((key) => ({
    name: `delete ${key}`,
    step: withBag((bag) => Reflect.deleteProperty(bag, key)),
  })),
  fc.constantFrom(
    { name: 'change within', step: withBag(({ a }) => Array.isArray(a) && a.push(1)) },
    { name: 'save', step: called('save') },
    { name: 'regenerate', step: called('regenerate') },
    { name: 'destroy', step: called('destroy') },
    { name: 'reload', step: called('reload') },
    { name: 'touch', step: withBag((bag) => void bag.touch()) },
    { name: 'maxAge', step: withBag(({ cookie }) => Object.assign(cookie, { maxAge: 100_000 })) },
    { name: 'no maxAge', step: withBag(({ cookie }) => Object.assign(cookie, { maxAge: null })) },
    { name: 'unset', step: (request: Req) => Object.assign(request, { session: null }) },
    { name: 'remove', step: (request: Req) => Reflect.deleteProperty(request, 'session') },
  ),
)

const programs = fc.record({
  options: fc.record({
    resave: fc.boolean(),
    rolling: fc.boolean(),
    unset: fc.constantFrom('keep' as const, 'destroy' as const),
    cookie: fc.constantFrom({}, { maxAge: 60_000 }),
    saveUninitialized: fc.boolean(),
  }),
  visits: fc.array(fc.array(step, { maxLength: 3 }), { minLength: 2, maxLength: 6 }),
})
type Program = typeof programs extends fc.Arbitrary<infer T> ? T : never

/** What each visit finds. */
async function play(
  { session }: (typeof modules)[number],
  { options, visits }: Program,
): Promise<unknown[]> {
  const url = await site(session({ secret, ...options }), async (request, response) => {
    const { session: bag, url = '' } = request
    const found = JSON.stringify({ data: bag && { ...bag, cookie: undefined } })
    for (const { name, step } of visits[Number(url.slice(1))] ?? []) {
      // What is saved with nothing in it has no cookie there without this option, and is found by nobody.
      if (name !== 'save' || options.saveUninitialized) await step(request)
    }
    response.end(found)
  })
  const one = visitor(url)
  const seen: unknown[] = []
  for (const number of visits.keys()) {
    const { status, text } = await one.get(`/${number}`)
    seen.push({ status, ...JSON.parse(text) })
  }
  return seen
}

it('Whatever one visitor does, the drop-in finds what express-session finds', async () => {
  const [theirs, ours] = modules as [(typeof modules)[0], (typeof modules)[0]]
  const property = fc.asyncProperty(programs, async (program) => {
    expect(await play(ours, program)).toEqual(await play(theirs, program))
  })
  await fc.assert(property, { numRuns: Number(process.env['FAULT_PROGRAMS'] ?? 60) })
})
