import { html } from 'hono/html'
import type { VisitorSession } from '../session-data.ts'
import { type Html, page } from './layout.ts'

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' })

export function settingsPage(session: VisitorSession): Html {
  const { theme = 'auto', text = 'normal' } = session.data
  const content = html`<h1>Settings</h1>
<form method="post" action="/settings" class="settings">
<fieldset>
<legend>Colours</legend>
${choice('theme', 'auto', 'As your device has them', theme)}
${choice('theme', 'light', 'Light', theme)}
${choice('theme', 'dark', 'Dark', theme)}
</fieldset>
<fieldset>
<legend>Text</legend>
${choice('text', 'normal', 'Normal', text)}
${choice('text', 'large', 'Large', text)}
</fieldset>
<button>Save settings</button>
</form>
<section class="box" aria-labelledby="remembered">
<h2 id="remembered">What this site remembers of you</h2>
${session.id === null ? nothing() : remembered(session)}
</section>
<section class="box" aria-labelledby="late">
<h2 id="late">It may take a minute</h2>
<p>Sessions are kept in Workers KV. What you change here shows in other places up to about a minute later, and
sometimes more. That holds for “Forget me”, too: until then, somebody who has copied your cookie could use it there.
For reading lists that will do. Where signing out must hold at once, Durable Objects are the store to take.</p>
</section>`
  return page(session, 'Settings', content)
}

function choice(name: string, value: string, label: string, current: string): Html {
  return html`<label><input type="radio" name="${name}" value="${value}"${
    value === current && html` checked`
  }> ${label}</label>`
}

function nothing(): Html {
  return html`<p>Nothing. A session begins, and you get a cookie for it, when you save something.</p>`
}

function remembered({ id, data, deadlines }: VisitorSession): Html {
  const { theme, text, later = [] } = data
  return html`<dl>
<div><dt>Session</dt><dd class="id">${id}</dd></div>
<div><dt>Colours</dt><dd>${theme ?? 'not set'}</dd></div>
<div><dt>Text</dt><dd>${text ?? 'not set'}</dd></div>
<div><dt>For later</dt><dd>${later.length === 1 ? '1 piece' : `${later.length} pieces`}</dd></div>
<div><dt>Until</dt><dd>${deadlines && date(Math.min(deadlines.idle, deadlines.absolute))}, if you do not come back</dd></div>
</dl>
<form method="post" action="/forget"><button class="quiet">Forget me</button></form>`
}

function date(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${dates.format(at)}</time>`
}
