import type { SessionInfo } from '@sojourn/core'
import { html } from 'hono/html'
import type { SessionData } from '../env.ts'
import { ago } from '../words.ts'
import type { Html } from './layout.ts'

export interface Account {
  readonly name: string
  readonly sessions: readonly SessionInfo<SessionData>[]
  /** The id of the session that looks. */
  readonly current: string | null
  readonly now: number
}

export function accountPage(account: Account): Html {
  const { name, sessions, current } = account
  const others = sessions.filter(({ id }) => id !== current).length
  return html`<div class="row">
<h1>Hello, ${name}</h1>
<form method="post" action="/sign-out"><button>Sign out</button></form>
</div>
<h2>Where you are signed in</h2>
<p class="note">Sign in with a second browser or a private window, then end that session from here.</p>
<ul class="devices">
${inOrder(account).map((session) => device(session, account))}
</ul>
${
  others > 0 &&
  html`<form method="post" action="/account/end-others"><button class="quiet">End all others</button></form>`
}`
}

// This one first, then by when they were last seen.
function inOrder({ sessions, current }: Account): SessionInfo<SessionData>[] {
  return [...sessions].sort((a, b) =>
    a.id === current ? -1 : b.id === current ? 1 : b.lastSeenAt - a.lastSeenAt,
  )
}

function device(session: SessionInfo<SessionData>, { current, now }: Account): Html {
  const { id, data, startedAt, lastSeenAt, persistent } = session
  return html`<li class="device">
<div>
<h3>${data.device ?? 'Some device'} ${id === current && html`<span class="mark">This one</span>`}</h3>
<p>Signed in ${time(startedAt, now)}, last seen ${time(lastSeenAt, now)}${
    persistent && ', remembered'
  }</p>
<p class="id">${id}</p>
</div>
${
  id !== current &&
  html`<form method="post" action="/account/end">
<input type="hidden" name="id" value="${id}">
<button class="quiet">End this one</button>
</form>`
}
</li>`
}

function time(at: number, now: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${ago(now - at)}</time>`
}
