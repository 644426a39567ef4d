import type { Results } from './page.ts'

interface Bar {
  readonly name: string
  readonly value: number
}

/** Bar charts, by file name. */
export function chartOf({ inProcess, http }: Results): Record<string, string> {
  const read = Object.entries(inProcess).flatMap(([name, { read }]) =>
    read && typeof read !== 'string' ? [{ name, value: read.cpu.median }] : [],
  )
  const served = Object.entries(http.memory).flatMap(([name, { read }]) =>
    read ? [{ name, value: read.perSecond }] : [],
  )
  return {
    'in-process': bars(
      'CPU of a request that reads its session, µs (logarithmic)',
      read,
      Math.log10,
    ),
    'http-memory': bars('Requests per second that read their session', served, (value) => value),
  }
}

const ROW = 22
const LEFT = 230
const WIDTH = 760

function bars(title: string, values: readonly Bar[], scale: (value: number) => number): string {
  const most = Math.max(...values.map(({ value }) => scale(value)))
  const rows = values.map(({ name, value }, index) => {
    const y = 44 + index * ROW
    const length = Math.max(1, (scale(value) / most) * (WIDTH - LEFT - 70))
    const colour = name.includes('Sojourn')
      ? '#2f6f5e'
      : /bare|floor/.test(name)
        ? '#b9b4a7'
        : '#c9824b'
    return `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(name)}</text>
<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${ROW - 6}" rx="2" fill="${colour}"/>
<text x="${(LEFT + length + 6).toFixed(1)}" y="${y + 13}">${value < 100 ? value.toFixed(1) : Math.round(value)}</text>`
  })
  const height = 56 + values.length * ROW
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#33302a" role="img">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#fbfaf7"/>
<text x="16" y="26" font-size="14" font-weight="600">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
