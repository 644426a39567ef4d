import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** The tour. It asks for no session, and the panel says what that costs. */
export function howPage(): Html {
  return html`<div class="prose">
<h1>How it works</h1>
<p>Every page ends with a panel that shows what the library did for this very request, commit
included, and for your last three. Walk this way and watch it.</p>
<ol class="tour">
<li><h2>Read this page</h2>
<p>It never asks for the session. No cryptography, no store operation, no header.</p></li>
<li><h2><a href="/">Look around the shop</a></h2>
<p>It does ask, and you are nobody yet: no store operation, no cookie.</p></li>
<li><h2>Put a lamp in the cart</h2>
<p>The first thing worth keeping. One record is created, and one cookie is set.</p></li>
<li><h2><a href="/sign-in">Sign in</a></h2>
<p>One conditional write. The id stays, and with it the cart; the token is a new one, and the old one
died in that write. Whoever knew it before knows nothing now.</p></li>
<li><h2><a href="/account">Look at your sessions</a></h2>
<p>Sign in with a private window, too. End it from here, then reload it there: its token is
genuine, and opens nothing.</p></li>
<li><h2>Sign out</h2>
<p>The record is deleted at once, and the cookie is taken away. Press “back”: your browser kept
no page.</p></li>
</ol>
</div>`
}
