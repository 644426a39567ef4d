// RFC 6265bis section 5.1.1. Each pattern may be followed by anything that is not a digit.
const DELIMITERS = /[\t -/;-@[-`{-~]+/
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)/
const DAY = /^(\d{1,2})(?!\d)/
const MONTH = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i
const YEAR = /^(\d{2,4})(?!\d)/
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec'

/** The instant that an `Expires` attribute names, in epoch milliseconds; `null` if none. */
export function parseCookieDate(text: string): number | null {
  const found = new Map<RegExp, RegExpExecArray>()
  for (const token of text.split(DELIMITERS)) {
    for (const pattern of [TIME, DAY, MONTH, YEAR]) {
      const match = found.has(pattern) ? null : pattern.exec(token)
      if (!match) continue
      found.set(pattern, match)
      break
    }
  }
  if (found.size < 4) return null
  const [hour = 0, minute = 0, second = 0] = found.get(TIME)?.slice(1).map(Number) ?? []
  const day = Number(found.get(DAY)?.[1])
  const month = MONTHS.indexOf(found.get(MONTH)?.[1]?.toLowerCase() ?? '') / 3
  const shortYear = Number(found.get(YEAR)?.[1])
  const year = shortYear > 99 ? shortYear : shortYear + (shortYear > 69 ? 1900 : 2000)
  if (hour > 23 || minute > 59 || second > 59 || year < 1601) return null
  const instant = new Date(Date.UTC(year, month, day, hour, minute, second))
  // The 31st of February is no day, and `Date.UTC` would make it one of March.
  return instant.getUTCDate() === day ? instant.getTime() : null
}
