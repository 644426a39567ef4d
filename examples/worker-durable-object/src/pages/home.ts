import { html } from 'hono/html'
import type { VisitorSession } from '../session-data.ts'
import { type Train, trains } from '../trains.ts'
import { type Html, held, page } from './layout.ts'

export function homePage(session: VisitorSession): Html {
  const content = html`<img class="banner" src="/night.svg" alt="">
<h1>Fall asleep in Zürich</h1>
<p class="lead">Four trains leave tonight. Hold a berth first and sign in later: you will not lose it.</p>
${held(session)}
<ul class="trains">
${trains.map((train) => departure(train, train.id === session.get('train')))}
</ul>`
  return page(session, 'Night trains', content)
}

function departure({ id, to, leaves, arrives, price, about }: Train, isHeld: boolean): Html {
  return html`<li class="train">
<h2>${to}</h2>
<p class="times"><time>${leaves}</time> <span aria-hidden="true">→</span> <span class="hidden">to</span> <time>${arrives}</time></p>
<p class="about">${about}</p>
<form method="post" action="/berth">
<span class="price">CHF ${price}</span>
${
  isHeld
    ? html`<span class="mark">Yours</span>`
    : html`<button name="train" value="${id}">Hold a berth<span class="hidden"> to ${to}</span></button>`
}
</form>
</li>`
}
