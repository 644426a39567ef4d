/**
 * JSON as a text that is no JSON: unstorage and some clients read values that look like it, and drop keys such as `__proto__`. Its length goes first, since
 * two processes that write a file at the same time may leave the end of the longer text behind the shorter one.
 */
export function toText(value: unknown): string {
  const json = JSON.stringify(value)
  return `${json.length} ${json}`
}

/** What `toText` made a text of; `undefined`: this is none, or not all of it. */
export function fromText(text: unknown): unknown {
  const [start, length] = (typeof text === 'string' && /^(\d+) /.exec(text)) || []
  if (start === undefined) return undefined
  const json = (text as string).slice(start.length, start.length + Number(length))
  try {
    return json.length === Number(length) ? JSON.parse(json) : undefined
  } catch {
    return undefined
  }
}
