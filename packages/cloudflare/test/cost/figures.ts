/** A number with two digits that count, or with all before the point. */
export function figure(value: number): string {
  if (value === 0) return '0'
  if (value >= 100) return thousands(Math.round(value))
  return String(Number(value.toPrecision(2)))
}

/** An amount for 1000 requests. */
export function perThousand(count: number, requests: number): string {
  return requests ? figure((count / requests) * 1000) : '0'
}

/** Dollars, to the cent where cents count. */
export function dollars(value: number): string {
  if (value === 0) return '0'
  if (value < 0.005) return 'under 0.01'
  return value < 100 ? value.toFixed(2) : thousands(Math.round(value))
}

/** A whole number in groups of three digits. */
export function thousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

type Row = readonly string[]

/** A table in Markdown, its figures to the right. */
export function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |`
  const rule = `|---|${'---:|'.repeat(head.length - 1)}`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
