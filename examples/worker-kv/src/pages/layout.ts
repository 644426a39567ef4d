import { html } from 'hono/html'
import type { VisitorSession } from '../session-data.ts'

/** Markup with everything in it escaped. */
export type Html = ReturnType<typeof html>

/** A whole page, as its reader has set it. */
export function page(session: VisitorSession, title: string, content: Html): Html {
  const { theme, text, later = [] } = session.data
  return html`<!doctype html>
<html lang="en" data-theme="${theme ?? 'auto'}" data-text="${text ?? 'normal'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme ?? 'light dark'}">
<title>${title} · The Margin</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="/">The Margin</a>
<nav aria-label="Main">
<a href="/">Pieces</a>
<a href="/later">For later <span class="badge">${later.length}</span></a>
<a href="/settings">Settings</a>
</nav>
</header>
<main id="content">
${content}
</main>
<footer>
<p>${
    session.id === null
      ? 'This site keeps nothing of you, and sends you no cookie until you save something.'
      : html`This site remembers <a href="/settings">something of you</a>.`
  }</p>
</footer>
</body>
</html>
`
}

export function notFoundPage(session: VisitorSession): Html {
  const content = html`<h1>Not found</h1>
<p class="note">This page is blank. <a href="/">To the pieces</a></p>`
  return page(session, 'Not found', content)
}
