import type { Cart } from './cart.ts'

export interface Product {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly about: string
  /** Euros. */
  readonly price: number
  /** What the picture shows. */
  readonly picture: string
}

export const products: readonly Product[] = [
  {
    id: 'harbour',
    name: 'Harbour',
    kind: 'Storm lantern',
    about: 'Brass and blown glass. Stays lit when the weather has other ideas.',
    price: 64,
    picture: 'A lit storm lantern on a jetty, the sea behind it',
  },
  {
    id: 'moth',
    name: 'Moth',
    kind: 'Night light',
    about: 'A small glow for the landing. Dims itself as you fall asleep.',
    price: 38,
    picture: 'A mushroom-shaped night light and a moth on its way there',
  },
  {
    id: 'firefly',
    name: 'Firefly',
    kind: 'String of twelve',
    about: 'Warm bulbs on eight metres of cord, for the apple tree or the balcony.',
    price: 29,
    picture: 'Two strings of small bulbs across a forest clearing',
  },
  {
    id: 'beacon',
    name: 'Beacon',
    kind: 'Pocket torch',
    about: 'A kilometre of light from something the size of a lipstick.',
    price: 45,
    picture: 'A torch throwing its beam over dark hills',
  },
  {
    id: 'hearth',
    name: 'Hearth',
    kind: 'Table lamp',
    about: 'Stoneware foot, linen shade. Makes any room the warm one.',
    price: 118,
    picture: 'A table lamp with a linen shade beside two books',
  },
  {
    id: 'paper-moon',
    name: 'Paper Moon',
    kind: 'Pendant',
    about: 'Rice paper over bamboo hoops. Hangs there and thinks of the sea.',
    price: 52,
    picture: 'A round paper lantern with the crescent moon beside it',
  },
]

export function productOf(id: string): Product | undefined {
  return products.find((product) => product.id === id)
}

export interface CartLine {
  readonly product: Product
  readonly quantity: number
}

/** What is in a cart, in the order of the shop. */
export function linesOf(cart: Cart = {}): CartLine[] {
  return products.flatMap((product) => {
    const quantity = cart[product.id]
    return quantity ? [{ product, quantity }] : []
  })
}
