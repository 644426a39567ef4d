/** A text as Redis can hold it and no other text is held: it has no halves of characters. Such a text goes in as JSON, and so does one that could be taken for it. */
export function toKey(text: string): string {
  return text.startsWith('"') || /\p{Surrogate}/u.test(text) ? JSON.stringify(text) : text
}

export function fromKey(key: string): string {
  return key.startsWith('"') ? JSON.parse(key) : key
}
