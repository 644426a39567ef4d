import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** `refused`: the name that came with a wrong password. */
export function signInPage(refused: string | null): Html {
  return html`<div class="narrow">
<h1>Sign in</h1>
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
<div class="hint">
<h2>Two people live here</h2>
<dl>
<div><dt>ada</dt><dd><code>lamplight</code></dd></div>
<div><dt>grace</dt><dd><code>nanosecond</code></dd></div>
</dl>
</div>
</div>`
}

/** With the picture comes an order to forget every page kept for “back”: see `files.ts`. */
export function signedOutPage(): Html {
  return html`<div class="prose">
<h1>You are signed out</h1>
<p class="note">The session is gone from the store. Press “back” if you like: your browser has
forgotten the pages that it kept, too.</p>
<img class="picture" src="/signed-out.svg" alt="A storm lantern, put out" width="400" height="300">
<p><a href="/">Back to the shop</a></p>
</div>`
}
