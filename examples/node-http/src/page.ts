import type { Note } from './wall.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#2b2a27, #ece7dc); --paper: light-dark(#f6f1e6, #211f1c) }
body { margin: 0 auto; max-width: 34rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 17px/1.55 Georgia, serif }
h1 { font-size: 2rem; font-weight: 400; margin: 0 0 .25rem }
p.lead { margin: 0 0 1.5rem; opacity: .75 }
form { display: flex; gap: .5rem; margin: .75rem 0; flex-wrap: wrap }
input { flex: 1 1 12rem; font: inherit; padding: .45rem .6rem; border: 1px solid; border-radius: 4px; background: transparent; color: inherit }
button { font: inherit; padding: .45rem .9rem; border: 1px solid; border-radius: 4px; background: var(--ink); color: var(--paper); cursor: pointer }
button.quiet { background: transparent; color: inherit }
ol { list-style: none; padding: 0; margin: 2rem 0 0 }
li { padding: .8rem 0; border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent) }
li b { font-weight: 600; margin-right: .6rem }
`

const SCRIPT = `
const list = document.querySelector('ol')
const source = new EventSource('/notes')
source.onmessage = ({ data }) => {
  const { by, text } = JSON.parse(data)
  const item = document.createElement('li')
  item.append(Object.assign(document.createElement('b'), { textContent: by }), text)
  list.prepend(item)
}
source.addEventListener('ended', () => {
  source.close()
  location.reload()
})
`

/** The one page there is. */
export function pageOf(subject: string | null, notes: readonly Note[]): string {
  const items = notes.map(({ by, text }) => `<li><b>${escaped(by)}</b>${escaped(text)}</li>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The wall</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<h1>The wall</h1>
${subject === null ? signIn : signedIn(subject)}
<ol aria-label="Notes">${items.join('\n')}</ol>
${subject === null ? '' : `<script>${SCRIPT}</script>`}
</html>
`
}

const signIn = `<p class="lead">Say who you are, and read along as others write.</p>
<form method="post" action="/sign-in"><input name="name" aria-label="Your name" required maxlength="40"><button>Come in</button></form>`

const signedIn = (subject: string): string => `<p class="lead">You are ${escaped(subject)}.</p>
<form method="post" action="/write"><input name="text" aria-label="Your note" required maxlength="500"><button>Write</button></form>
<form method="post" action="/sign-out"><button class="quiet">Sign out</button><button class="quiet" formaction="/sign-out-everywhere">Sign out everywhere</button></form>`

function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (sign) => names[sign] ?? sign)
}
