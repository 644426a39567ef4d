/** How many of which product. */
export type Cart = Readonly<Record<string, number>>

const MOST_OF_ONE = 9

/** The cart with more or fewer of a product; `undefined` once it is empty. */
export function changeCart(cart: Cart = {}, product: string, by: number): Cart | undefined {
  const { [product]: had = 0, ...others } = cart
  const quantity = Math.min(had + by, MOST_OF_ONE)
  const changed = quantity > 0 ? { ...cart, [product]: quantity } : others
  return Object.keys(changed).length ? changed : undefined
}

/** How many things are in a cart. */
export function countOf(cart: Cart = {}): number {
  return Object.values(cart).reduce((sum, quantity) => sum + quantity, 0)
}
