import { html } from 'hono/html'
import type { ListedSession, VisitorSession } from '../session-data.ts'
import { nameOf } from '../users.ts'
import { ago } from '../words.ts'
import { type Html, held, page } from './layout.ts'

/** Where a person is signed in. */
export function accountPage(
  session: VisitorSession,
  subject: string,
  list: readonly ListedSession[],
): Html {
  const isThis = ({ id }: ListedSession) => id === session.id
  const others = list.filter((one) => !isThis(one)).sort((a, b) => b.lastSeenAt - a.lastSeenAt)
  const content = html`<div class="row">
<h1>Hello, ${nameOf(subject)}</h1>
<form method="post" action="/sign-out"><button>Sign out</button></form>
</div>
${held(session)}
<h2>Where you are signed in</h2>
<p class="note">Sign in with a second browser or a private window, then end that session from here. It ends at once, everywhere.</p>
<ul class="devices">
${[...list.filter(isThis), ...others].map((one) => device(one, isThis(one)))}
</ul>
${
  others.length > 0 &&
  html`<form method="post" action="/account/end-others"><button class="quiet">End all others</button></form>`
}`
  return page(session, 'Your account', content)
}

function device(session: ListedSession, isThis: boolean): Html {
  const { id, data, startedAt, lastSeenAt, persistent } = session
  const name = data.device ?? 'Some device'
  return html`<li class="device">
<div>
<h3>${name} ${isThis && html`<span class="mark">This one</span>`}</h3>
<p>Signed in ${time(startedAt)}, last seen ${time(lastSeenAt)}${persistent && ', remembered'}</p>
<p class="id">${id}</p>
</div>
${
  !isThis &&
  html`<form method="post" action="/account/end">
<input type="hidden" name="id" value="${id}">
<button class="quiet">End this one<span class="hidden"> (${name})</span></button>
</form>`
}
</li>`
}

function time(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${ago(Date.now() - at)}</time>`
}
