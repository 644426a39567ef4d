// The first that matches counts: browsers name their ancestors, too.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg/, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Headless)?(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
]

/** A device as its owner would call it. Made of our words only: nothing of the header is repeated. */
export function deviceOf(userAgent = ''): string {
  const browser = wordFor(userAgent, browsers) ?? 'Some browser'
  const system = wordFor(userAgent, systems)
  return system ? `${browser} on ${system}` : browser
}

function wordFor(
  userAgent: string,
  words: readonly (readonly [RegExp, string])[],
): string | undefined {
  return words.find(([pattern]) => pattern.test(userAgent))?.[1]
}
