import type { SessionEvent } from '@sojourn/core'
import type { MeteredOperation } from '@sojourn/stores/metered'
import { html } from 'hono/html'
import { explain, operationsOf } from '../explain.ts'
import type { Entry, Log, Standing } from '../journal.ts'
import { ago, counted, duration } from '../words.ts'
import type { Html } from './layout.ts'

/** What the library did, for whoever wants to know. */
export function panel({ entry, earlier, clock }: Log): Html {
  const now = clock()
  const latestFirst = [...earlier].reverse()
  return html`<aside class="panel" id="library" aria-labelledby="library-title">
<h2 id="library-title">What the library did</h2>
${request(entry, 'this page', true)}
${latestFirst.map((entry, index) => request(entry, ago(now - entry.at), index === 0))}
${entry.after && standing(entry.after, now)}
${
  earlier.length > 0 &&
  html`<p class="aside">The shop knows your last requests by a cookie of its own, <code>__Host-trail</code>,
for this panel only. The library’s is <code>__Host-id</code>.</p>`
}
</aside>`
}

/** Where the panel is below the page: a line of it, and the way there. */
export function ribbon({ entry, earlier }: Log): Html {
  const last = earlier.at(-1)
  // After a form was sent, its request is the one to tell about, and this page only where it led.
  const { text, told } =
    last?.method === 'POST'
      ? { text: `POST ${last.path}`, told: last }
      : { text: 'This page', told: entry }
  return html`<a class="ribbon" href="#library">${text}: ${tally(told)} <span>See why ↓</span></a>`
}

function request(entry: Entry, when: string, open: boolean): Html {
  const { method, path, steps, cookie, after } = entry
  return html`<details class="request"${open && html` open`}>
<summary>
<span class="which">${method} ${path}</span> <span class="when">${when}</span>
<strong class="tally">${tally(entry)}</strong>
</summary>
<p>${explain(entry)}</p>
${
  (steps.length > 0 || cookie) &&
  html`<ol class="steps">
${steps.map((step) => ('outcome' in step ? operation(step) : event(step)))}
${cookie && html`<li class="cookie"><b>cookie</b> <span>${cookieWords(cookie, after)}</span></li>`}
</ol>`
}
</details>`
}

function tally(entry: Entry): string {
  return counted(operationsOf(entry).length, 'store operation')
}

function operation(step: MeteredOperation): Html {
  const microseconds = Math.ceil(step.duration * 1000)
  return html`<li class="store"><b>${step.operation}</b> <span>${outcomeWords(step)}</span> <small>${microseconds} µs</small></li>`
}

function outcomeWords({ outcome, version, count }: MeteredOperation): string {
  if (count !== null) return counted(count, 'record')
  if (outcome === 'updated') return `version ${Number(version) - 1} → ${version}`
  if (version !== null) return `version ${version}`
  if (outcome === 'missing') return 'no such record'
  return outcome
}

function event({ type, at: _, id: __, subject, ...details }: SessionEvent): Html {
  const words = Object.entries(details).map(([name, value]) => `${name} ${detail(name, value)}`)
  if (type === 'signed-in') words.unshift(`as ${subject}`)
  return html`<li class="event"><b>${type}</b> <span>${words.join(', ')}</span></li>`
}

function detail(name: string, value: unknown): string {
  if (name === 'age') return duration(Number(value))
  return value instanceof Error ? value.message : String(value)
}

function cookieWords(cookie: 'set' | 'removed', after: Standing | null): string {
  if (cookie === 'removed') return '__Host-id taken away'
  return `__Host-id set, generation ${after?.generation ?? 0}`
}

function standing({ id, subject, generation, persistent, deadlines }: Standing, now: number): Html {
  if (!id || !deadlines) {
    return html`<section class="standing"><h3>The session</h3>
<p>There is none: the store holds nothing of yours.</p></section>`
  }
  return html`<section class="standing"><h3>The session</h3>
<dl>
<div class="wide"><dt>Id</dt><dd class="id">${id}</dd></div>
<div><dt>Speaks for</dt><dd>${subject ?? 'nobody'}</dd></div>
<div><dt>Token</dt><dd>generation ${generation}</dd></div>
<div><dt>Cookie</dt><dd>${persistent ? 'remembered' : 'until closed'}</dd></div>
<div><dt>Idle end in</dt><dd>${countdown(deadlines.idle, now)}</dd></div>
<div><dt>Absolute end in</dt><dd>${countdown(deadlines.absolute, now)}</dd></div>
<div><dt>New token in</dt><dd>${countdown(deadlines.renewal, now)}</dd></div>
</dl></section>`
}

function countdown(at: number, now: number): Html {
  const left = at - now
  return html`<time datetime="${new Date(at).toISOString()}" data-left="${left}">${duration(left)}</time>`
}
