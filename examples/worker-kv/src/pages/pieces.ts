import { html } from 'hono/html'
import { type Piece, pieceOf, pieces } from '../pieces.ts'
import type { VisitorSession } from '../session-data.ts'
import { type Html, page } from './layout.ts'

export function homePage(session: VisitorSession): Html {
  const content = html`<h1>How websites remember</h1>
<p class="lead">Four short pieces, and a site that does what they say.</p>
<ul class="pieces">
${pieces.map((piece) => entry(piece))}
</ul>`
  return page(session, 'How websites remember', content)
}

export function piecePage(session: VisitorSession, { id, title, about, paragraphs }: Piece): Html {
  const isSaved = session.get('later')?.includes(id)
  const content = html`<article>
<h1>${title}</h1>
<p class="lead">${about}</p>
${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
</article>
<form method="post" action="/later" class="after">
${
  isSaved
    ? html`<button name="remove" value="${id}" class="quiet">Remove from “for later”</button>`
    : html`<button name="save" value="${id}">Save for later</button>`
}
</form>`
  return page(session, title, content)
}

export function laterPage(session: VisitorSession): Html {
  const saved = (session.get('later') ?? []).flatMap((id) => pieceOf(id) ?? [])
  const content = html`<h1>For later</h1>
${
  saved.length > 0
    ? html`<ul class="pieces">${saved.map((piece) => entry(piece, removal(piece)))}</ul>`
    : html`<p class="note">Nothing yet. Save a piece that you have no time for now.</p>`
}`
  return page(session, 'For later', content)
}

function entry({ id, title, about }: Piece, form: Html | null = null): Html {
  return html`<li class="piece">
<div>
<h2><a href="/pieces/${id}">${title}</a></h2>
<p>${about}</p>
</div>
${form}
</li>`
}

function removal({ id, title }: Piece): Html {
  return html`<form method="post" action="/later">
<button name="remove" value="${id}" class="quiet">Remove<span class="hidden"> “${title}”</span></button>
</form>`
}
