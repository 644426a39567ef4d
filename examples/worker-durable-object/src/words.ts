const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** `just now`, `1 minute ago`, `3 days ago`. */
export function ago(milliseconds: number): string {
  const seconds = milliseconds / 1000
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ['', 1]
  if (!unit) return 'just now'
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}
