import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { countOf } from '../cart.ts'
import type { Env, ShopSession } from '../env.ts'
import { nameOf } from '../users.ts'
import { panel, ribbon } from './panel.ts'

/** Markup with everything in it escaped. */
export type Html = ReturnType<typeof html>

export interface Page {
  readonly title: string
  readonly content: Html
  readonly status?: ContentfulStatusCode
  /** `null`: the page is the same for everyone, and never asked for the session. */
  readonly session: ShopSession | null
}

/** A whole page as a response. */
export async function page(
  c: Context<Env>,
  { title, content, session, status = 200 }: Page,
): Promise<Response> {
  const start = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Lanternfield</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/shop.css">
<link rel="stylesheet" href="/panel.css">
<script type="module" src="/tick.mjs"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<div class="shop">
${header(c.req.path, session)}
<main id="content">
${content}
</main>
<footer><p>Lanternfield is an invented shop. Its sessions are real.</p></footer>
`
  c.header('Content-Type', 'text/html; charset=UTF-8')
  // A page that says who is signed in is kept by no cache.
  c.header('Cache-Control', session?.subject ? 'no-store' : 'private, no-cache')
  const { log } = c.var
  const end = () => html`${ribbon(log)}
</div>
${panel(log)}
</body>
</html>
`
  return c.body(
    writtenLate(async () => `${start}${await end()}`),
    status,
  )
}

// The panel tells what the commit did, and so can be written only after it. A body is first read when the
// response leaves, and that is after it.
function writtenLate(write: () => Promise<string>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode(await write()))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

function header(path: string, session: ShopSession | null): Html {
  return html`<header class="top">
<a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28">Lanternfield</a>
<nav aria-label="Main">
${link(path, '/how', 'How it works')}
${session && visitorLinks(path, session)}
</nav>
</header>`
}

function visitorLinks(path: string, session: ShopSession): Html {
  const count = countOf(session.get('cart'))
  const { subject } = session
  const cart = html`Cart <span class="badge">${count}</span>`
  return html`${link(path, '/cart', cart)}
${subject === null ? link(path, '/sign-in', 'Sign in') : link(path, '/account', nameOf(subject))}`
}

function link(path: string, to: string, text: string | Html): Html {
  return path === to
    ? html`<a href="${to}" aria-current="page">${text}</a>`
    : html`<a href="${to}">${text}</a>`
}
