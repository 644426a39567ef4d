/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/** How far apart they lie, as a part of the median. Of five and more, the outermost on either side does not count. */
export function spread(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const inner = sorted.length >= 5 ? sorted.slice(1, -1) : sorted
  return ((inner.at(-1) ?? 0) - (inner[0] ?? 0)) / median(values)
}
