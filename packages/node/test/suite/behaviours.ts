import { expect } from 'vitest'
import type { Control, Seen } from './site.ts'
import { COOKIE, type Visitor } from './visitor.ts'

/** What sessions do, as far as HTTP shows it. */
export interface Behaviour {
  readonly title: string
  show(open: () => Visitor, control: (asked?: Control) => Promise<Seen>): Promise<void>
}

export const behaviours: readonly Behaviour[] = [
  {
    title: 'a visitor who is given nothing gets no cookie, and no store is asked',
    async show(open, control) {
      const ada = open()
      await control()
      const { text, headers } = await ada.get('/read/left')
      expect([text, headers['set-cookie']]).toEqual(['-', undefined])
      expect((await control()).calls).toEqual([])
    },
  },
  {
    title: 'a page that does not ask for its session asks no store, and says nothing of it',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      await control()
      const { text, headers } = await ada.get('/untouched')
      expect(text).toBe('ok')
      expect(headers).not.toHaveProperty('vary')
      expect(headers).not.toHaveProperty('set-cookie')
      expect((await control()).calls).toEqual([])
    },
  },
  {
    title: 'a first value makes a session, whose cookie is bound to the host and kept by no cache',
    async show(open, control) {
      const ada = open()
      await control()
      const { cookies, headers } = await ada.get('/set/left')
      expect(cookies).toEqual([
        expect.stringMatching(/^__Host-id=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
      ])
      expect(headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Cookie' })
      expect(await control()).toEqual({ calls: ['create'], events: ['created'] })
    },
  },
  {
    title: 'what was set is there on the next request, for one read of the store and no cookie',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      await control()
      const { text, cookies } = await ada.get('/read/left')
      expect([text, cookies]).toEqual(['left', []])
      expect((await control()).calls).toEqual(['read'])
    },
  },
  {
    title: 'twenty increments at once count twenty',
    async show(open) {
      const ada = open()
      await ada.get('/set/left')
      await Promise.all(Array.from({ length: 20 }, () => ada.get('/visit')))
      expect((await ada.get('/read/visits')).text).toBe('20')
    },
  },
  {
    title: 'two requests that set different keys at once both do',
    async show(open, control) {
      const ada = open()
      await ada.get('/visit')
      await control({ delay: 5 })
      await Promise.all(['/set/left', '/set/right'].map((path) => ada.get(path)))
      await control({ delay: 0 })
      expect((await ada.get('/read/left')).text).toBe('left')
      expect((await ada.get('/read/right')).text).toBe('right')
    },
  },
  {
    title: 'signing in gives a new token, and the old one opens nothing; what was there stays',
    async show(open) {
      const ada = open()
      await ada.get('/set/left')
      const old = ada.cookie
      await ada.get('/sign-in/ada')
      expect(ada.cookie).not.toBe(old)
      expect((await ada.get('/read/left')).text).toBe('left')
      expect((await ada.get('/who')).text).toMatch(/^ada [\w-]{32} 1$/)
      const thief = open()
      expect((await thief.get('/who', { cookie: old })).text).toMatch(/^null/)
    },
  },
  {
    title: 'signing out ends the session for everybody who has its cookie, and takes that away',
    async show(open) {
      const ada = open()
      await ada.get('/sign-in/ada')
      const { cookie } = ada
      const { cookies } = await ada.get('/sign-out')
      expect(cookies).toEqual([expect.stringMatching(/^__Host-id=;.*Max-Age=0/)])
      expect((await open().get('/who', { cookie })).text).toMatch(/^null/)
      await open().get('/set/left', { cookie })
      expect((await open().get('/who', { cookie })).text).toMatch(/^null/)
    },
  },
  {
    title: 'a request under way when the session ends brings nothing back',
    async show(open, control) {
      const ada = open()
      await ada.get('/sign-in/ada')
      const { cookie } = ada
      await control({ delay: 10 })
      await Promise.all([ada.get('/set/left', { cookie }), ada.get('/sign-out', { cookie })])
      await control({ delay: 0 })
      expect((await open().get('/who', { cookie })).text).toMatch(/^null/)
    },
  },
  {
    title: 'forged, foreign and endless cookies are strangers, and reach no store',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      const token = ada.cookie.slice(COOKIE.length + 1)
      const forged = [
        `${token.slice(0, -2)}AA`,
        token.replace('.0.', '.1.'),
        token.split('').reverse().join(''),
        'x'.repeat(4000),
        '%00;',
        '',
      ]
      await control()
      for (const one of forged) {
        expect((await open().get('/read/left', { cookie: `${COOKIE}=${one}` })).text).toBe('-')
      }
      expect((await control()).calls).toEqual([])
    },
  },
  {
    title: 'of several cookies of its name, the one that is ours counts',
    async show(open) {
      const ada = open()
      await ada.get('/set/left')
      const cookie = `${COOKIE}=tossed; theme=dark; ${ada.cookie}; other=1`
      expect((await open().get('/read/left', { cookie })).text).toBe('left')
    },
  },
  {
    title:
      'a session that was not used for its idle timeout has ended; use is written down now and then',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      await control({ advance: 50 })
      await ada.get('/read/left')
      expect((await control({ advance: 60 })).calls).toEqual(['read'])
      await ada.get('/read/left')
      expect((await control({ advance: 950 })).calls).toEqual(['read', 'touch'])
      expect((await ada.get('/read/left')).text).toBe('left')
      await control({ advance: 1001 })
      expect((await ada.get('/read/left')).text).toBe('-')
      expect((await control()).events).toContain('expired')
    },
  },
  {
    title: 'a session that was used all the time has ended after its absolute timeout',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      for (let seconds = 0; seconds < 9900; seconds += 900) {
        expect((await ada.get('/read/left')).text).toBe('left')
        await control({ advance: 900 })
      }
      await control({ advance: 200 })
      expect((await ada.get('/read/left')).text).toBe('-')
    },
  },
  {
    title: 'a token is renewed when its time has come, and the one before works a little longer',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      const old = ada.cookie
      for (let seconds = 0; seconds < 5400; seconds += 900) {
        await control({ advance: 900 })
        await ada.get('/read/left')
      }
      expect(ada.cookie).not.toBe(old)
      expect((await control()).events).toContain('renewed')
      const underWay = await open().get('/read/left', { cookie: old })
      expect(underWay.text).toBe('left')
      await control({ advance: 60 })
      expect((await ada.get('/read/left')).text).toBe('left')
      const late = await open().get('/read/left', { cookie: old })
      expect(late.text).toBe('-')
    },
  },
  {
    title: 'remembering gives the cookie an age',
    async show(open) {
      const ada = open()
      const { cookies } = await ada.get('/remember/ada')
      expect(cookies).toEqual([expect.stringMatching(/; Max-Age=1209600$/)])
    },
  },
  {
    title: 'a handler that throws saves nothing, and hands out nothing',
    async show(open, control) {
      const ada = open()
      await control()
      const { status, cookies } = await ada.get('/fail')
      expect([status, cookies]).toEqual([500, []])
      expect((await control()).calls).toEqual([])
      await ada.get('/visit')
      await ada.get('/fail')
      expect((await ada.get('/read/left')).text).toBe('-')
      expect((await ada.get('/read/visits')).text).toBe('1')
    },
  },
  {
    title: 'what a handler has revoked before it throws stays revoked',
    async show(open) {
      const ada = open()
      await ada.get('/sign-in/ada')
      const { cookie } = ada
      expect((await ada.get('/revoke-and-fail')).status).toBe(500)
      expect((await open().get('/who', { cookie })).text).toMatch(/^null/)
    },
  },
  {
    title: 'a store that cannot be read fails the request and takes nothing away',
    async show(open, control) {
      const ada = open()
      await ada.get('/set/left')
      await control({ failing: ['read'] })
      const { status, cookies } = await ada.get('/read/left')
      expect([status, cookies]).toEqual([500, []])
      await control({ failing: [] })
      expect((await ada.get('/read/left')).text).toBe('left')
    },
  },
  {
    title: 'a store that cannot be written fails the request, and nothing of the answer is sent',
    async show(open, control) {
      const ada = open()
      await ada.get('/visit')
      await control({ failing: ['update', 'create'] })
      for (const visitor of [ada, open()]) {
        const { status, text, headers } = await visitor.get('/go/left')
        expect([status, text]).not.toContain(303)
        expect(status).toBe(500)
        expect(headers).not.toHaveProperty('location')
        expect(headers).not.toHaveProperty('set-cookie')
      }
      await control({ failing: [] })
      expect((await ada.get('/read/left')).text).toBe('-')
      expect((await ada.get('/read/visits')).text).toBe('1')
    },
  },
  {
    title: 'who is sent elsewhere finds there what was set, however slow the store is',
    async show(open, control) {
      const ada = open()
      await control({ delay: 20 })
      const { status, headers } = await ada.get('/go/left')
      expect(status).toBe(303)
      await control({ delay: 0 })
      expect((await ada.get(String(headers['location']))).text).toBe('left')
    },
  },
  {
    title: 'an answer to HEAD carries what the one to GET does',
    async show(open) {
      const ada = open()
      const { status, text, cookies } = await ada.get('/set/left', { method: 'HEAD' })
      expect([status, text, cookies.length]).toEqual([200, '', 1])
      expect((await ada.get('/read/left')).text).toBe('left')
    },
  },
  {
    title: 'somebody sees where they are signed in, and ends all others',
    async show(open, control) {
      const name = `grace-${Math.random()}`
      const visitors = [open(), open(), open()]
      for (const visitor of visitors) await visitor.get(`/sign-in/${name}`)
      const [first, ...others] = visitors as [Visitor, ...Visitor[]]
      expect((await first.get('/list')).text).toBe('3')
      expect((await first.get('/others')).text).toBe('2')
      expect((await first.get('/who')).text).toContain(name)
      for (const other of others) expect((await other.get('/who')).text).toMatch(/^null/)
      expect((await control()).events).toContain('revoked')
    },
  },
  {
    title: 'regenerating replaces the token and nothing else',
    async show(open) {
      const ada = open()
      await ada.get('/sign-in/ada')
      const { cookie } = ada
      const { text: before } = await ada.get('/who')
      await ada.get('/regenerate')
      expect(ada.cookie).not.toBe(cookie)
      expect((await ada.get('/who')).text).toBe(before.replace(/ 0$/, ' 1'))
    },
  },
]
