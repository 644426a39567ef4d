import { html } from 'hono/html'
import type { VisitorSession } from '../session-data.ts'
import { type Html, held, page } from './layout.ts'

/** `refused`: the name that came with a wrong password. */
export function signInPage(session: VisitorSession, refused: string | null): Html {
  const content = html`<div class="narrow">
<h1>Sign in</h1>
${held(session)}
${refused !== null && html`<p class="alert" role="alert">That name and password do not belong together.</p>`}
<form method="post" action="/sign-in" class="stack">
<label for="name">Name</label>
<input id="name" name="name" value="${refused ?? ''}" required
  autocomplete="username" autocapitalize="none" spellcheck="false">
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password">
<label class="check"><input type="checkbox" name="remember" value="yes"> Remember me on this device</label>
<button>Sign in</button>
</form>
<section class="hint" aria-labelledby="people">
<h2 id="people">Two people travel here</h2>
<dl>
<div><dt>ada</dt><dd><code>moonrise</code></dd></div>
<div><dt>grace</dt><dd><code>sleeper</code></dd></div>
</dl>
</section>
</div>`
  return page(session, 'Sign in', content)
}

/** With the picture comes an order to forget every page kept for “back”: see `public/_headers`. */
export function signedOutPage(session: VisitorSession): Html {
  const content = html`<div class="narrow">
<h1>You are signed out</h1>
<p class="note">The session’s object holds nothing any more, and your browser has forgotten the pages that it kept.</p>
<img class="picture" src="/signed-out.svg" alt="A night train, its windows dark" width="400" height="240">
<p><a href="/">Back to the trains</a></p>
</div>`
  return page(session, 'Signed out', content)
}
