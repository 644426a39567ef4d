const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A duration in its two largest units: `29 min 58 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const first = UNITS.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  let rest = seconds
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest %= size
    return count ? `${count} ${unit}` : ''
  })
  return parts.filter(Boolean).join(' ')
}

/** `just now`, `4 min ago`. */
export function ago(milliseconds: number): string {
  return milliseconds < 1000 ? 'just now' : `${duration(milliseconds)} ago`
}

/** `1 read`, `2 reads`, `no reads`. */
export function counted(count: number, noun: string): string {
  return `${count || 'no'} ${noun}${count === 1 ? '' : 's'}`
}
