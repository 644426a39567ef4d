import { html } from 'hono/html'
import type { VisitorSession } from '../session-data.ts'
import { trainOf } from '../trains.ts'
import { nameOf } from '../users.ts'

/** Markup with everything in it escaped. */
export type Html = ReturnType<typeof html>

/** A whole page, with who is signed in at its top. */
export function page(session: VisitorSession, title: string, content: Html): Html {
  const { subject } = session
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Halfmoon</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28">Halfmoon</a>
<nav aria-label="Main">
<a href="/">Trains</a>
${
  subject === null
    ? html`<a href="/sign-in">Sign in</a>`
    : html`<a href="/account">${nameOf(subject)}</a>`
}
</nav>
</header>
<main id="content">
${content}
</main>
<footer><p>Halfmoon is an invented railway. Its sessions are real: each is a Durable Object.</p></footer>
</body>
</html>
`
}

/** The berth that a session holds; nothing where it holds none. */
export function held(session: VisitorSession): Html | null {
  const train = trainOf(session.get('train'))
  if (!train) return null
  const kept =
    session.subject === null
      ? 'It stays yours when you sign in.'
      : 'It is in your session, and only on this device.'
  return html`<section class="held" aria-labelledby="held">
<div>
<h2 id="held">You hold a berth to ${train.to}</h2>
<p>Tonight at ${train.leaves}. ${kept}</p>
</div>
<form method="post" action="/berth"><button class="quiet">Let it go</button></form>
</section>`
}

export function notFoundPage(session: VisitorSession): Html {
  const content = html`<h1>Not found</h1>
<p class="note">No train stops here. <a href="/">To the trains</a></p>`
  return page(session, 'Not found', content)
}
