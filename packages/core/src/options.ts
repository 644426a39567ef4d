/** A programmer's mistake, named by its option and its value. */
export function optionError(option: string, expected: string, value: unknown): TypeError {
  const text =
    typeof value === 'string' ? `"${value}"` : value === Object(value) ? typeof value : value
  return new TypeError(`"${option}" must be ${expected}, got ${text}`)
}

/** A whole number of seconds, in milliseconds. */
export function seconds(option: string, usual: number, value: number = usual, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value * 1000
  throw optionError(option, `whole seconds from ${least}`, value)
}
