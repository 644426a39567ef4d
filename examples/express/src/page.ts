interface Contents {
  readonly user: string | undefined
  readonly notes: readonly string[]
  readonly flash: string | undefined
}

const STYLE = `
:root { color-scheme: light dark }
body { margin: 0 auto; max-width: 32rem; padding: 2rem 1.25rem 4rem; background: light-dark(#f4f6f4, #1b1e1c); color: light-dark(#232826, #e6ebe7); font: 17px/1.55 "Iowan Old Style", Georgia, serif }
h1 { font-weight: 400; margin: 0 0 1rem }
.flash { border-left: 3px solid; padding: .3rem .8rem }
form { display: flex; gap: .5rem; flex-wrap: wrap; margin: .75rem 0 }
input { flex: 1 1 12rem; font: inherit; padding: .45rem .6rem; border: 1px solid; border-radius: 4px; background: none; color: inherit }
button { font: inherit; padding: .45rem .9rem; border: 1px solid; border-radius: 4px; background: none; color: inherit; cursor: pointer }
`

/** The one page there is. */
export function pageOf({ user, notes, flash }: Contents): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The notebook</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<h1>The notebook</h1>
${flash ? `<p class="flash" role="status">${escaped(flash)}</p>` : ''}
${user === undefined ? signIn : notebookOf(user, notes)}
</html>
`
}

const signIn = `<form method="post" action="/sign-in"><input name="name" aria-label="Your name" required maxlength="40"><button>Sign in</button></form>`

const notebookOf = (user: string, notes: readonly string[]): string => `
<p>This is ${escaped(user)}’s.</p>
<ol>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ol>
<form method="post" action="/notes"><input name="text" aria-label="A note" required maxlength="500"><button>Write</button></form>
<form method="post" action="/sign-out"><button>Sign out</button></form>`

function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (sign) => names[sign] ?? sign)
}
