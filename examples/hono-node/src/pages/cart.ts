import { html } from 'hono/html'
import type { Cart } from '../cart.ts'
import { type CartLine, linesOf } from '../products.ts'
import type { Html } from './layout.ts'

export function cartPage(cart: Cart | undefined, signedIn: boolean): Html {
  const lines = linesOf(cart)
  if (!lines.length) {
    return html`<h1>Your cart</h1>
<p class="empty">Nothing in it yet. <a href="/">Six lamps</a> would like to change that.</p>`
  }
  const total = lines.reduce((sum, { product, quantity }) => sum + product.price * quantity, 0)
  return html`<h1>Your cart</h1>
<ul class="lines">${lines.map(line)}</ul>
<p class="total"><span>Total</span> <strong>€ ${total}</strong></p>
<p class="note">${
    signedIn
      ? 'A real shop would take your money now.'
      : html`The cart is kept in an anonymous session. <a href="/sign-in">Sign in</a>, and it comes along.`
  }</p>`
}

function line({ product, quantity }: CartLine): Html {
  const { id, name, kind, price } = product
  return html`<li class="line">
<img src="/products/${id}.svg" alt="" width="400" height="300">
<div><h2>${name}</h2><p class="kind">${kind}</p></div>
<form method="post" action="/cart" class="quantity" aria-label="Quantity of ${name}">
<input type="hidden" name="product" value="${id}">
<button name="by" value="-1" aria-label="One ${name} less">−</button>
<span>${quantity}</span>
<button name="by" value="1" aria-label="One ${name} more">+</button>
<button class="quiet" name="by" value="${-quantity}" aria-label="Remove ${name}">Remove</button>
</form>
<p class="price">€ ${price * quantity}</p>
</li>`
}
