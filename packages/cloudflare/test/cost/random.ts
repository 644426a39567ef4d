/** Numbers that look random and are the same in every run. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(range: readonly [least: number, most: number]): number
  /** Which of `count` are among a share: as many as the share says, whichever they are. */
  some(count: number, share: number): ReadonlySet<number>
}

/** Marsaglia's xorshift with 32 bits, from a seed that is not 0. */
export function seeded(seed: number): Random {
  let state = seed
  function next(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  const between: Random['between'] = ([least, most]) =>
    least + Math.floor(next() * (most - least + 1))
  return {
    between,
    some(count, share) {
      const left = Array.from({ length: count }, (_, number) => number)
      const some = new Set<number>()
      while (some.size < Math.round(count * share)) {
        for (const number of left.splice(between([0, left.length - 1]), 1)) some.add(number)
      }
      return some
    },
  }
}
