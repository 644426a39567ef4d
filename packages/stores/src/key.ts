/**
 * A text as a column can hold it and no other text is held: databases end one at a NUL or refuse it, and have no halves of characters.
 * Such a text goes in as JSON, and so does one that could be taken for it.
 */
export function keyOf(text: string): string {
  return /^"|\0/.test(text) || hasHalves(text) ? JSON.stringify(text) : text
}

/** Whether a text has halves of characters, which UTF-8 has not. */
export function hasHalves(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}

/** A name in a statement, as nothing but a name. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
