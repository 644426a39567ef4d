import { html } from 'hono/html'
import type { Cart } from '../cart.ts'
import { type Product, products } from '../products.ts'
import type { Html } from './layout.ts'

export function shopPage(cart: Cart = {}): Html {
  return html`<div class="hero">
<h1>Lights for the long way home</h1>
<p>Six lamps, made slowly. Put one in your cart, then look at the
<a href="#library">panel</a>: it tells what the session library did for it.</p>
</div>
<ul class="products">
${products.map((product) => card(product, cart[product.id] ?? 0))}
</ul>`
}

function card(product: Product, inCart: number): Html {
  const { id, name, kind, about, price, picture } = product
  return html`<li class="product" id="${id}">
<img src="/products/${id}.svg" alt="${picture}" width="400" height="300">
<div class="label">
<p class="kind">${kind}</p>
<h2>${name}</h2>
<p class="about">${about}</p>
<form method="post" action="/cart">
<span class="price">€ ${price}</span>
<input type="hidden" name="product" value="${id}">
<input type="hidden" name="back" value="shop">
<button name="by" value="1" aria-label="Add ${name} to the cart">
${inCart ? `Add another (${inCart})` : 'Add to cart'}
</button>
</form>
</div>
</li>`
}
