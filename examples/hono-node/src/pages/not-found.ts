import { html } from 'hono/html'
import type { Html } from './layout.ts'

export function notFoundPage(): Html {
  return html`<div class="prose">
<h1>Not found</h1>
<p>There is nothing at this address. <a href="/">To the shop</a></p>
</div>`
}
