const told = new Set<string>()

/** A warning of the process, once for each topic. */
export function warnOnce(topic: string, message: string): void {
  if (told.has(topic)) return
  told.add(topic)
  process.emitWarning(message, { type: 'SessionWarning', code: `SOJOURN_${topic}` })
}
