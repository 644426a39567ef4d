type Words = readonly (readonly [part: string, word: string])[]

// The first that is found counts: browsers name their ancestors, too.
const browsers: Words = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
]

const systems: Words = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'Mac'],
  ['Linux', 'Linux'],
]

/** A device as its owner would call it. Nothing of the header is repeated. */
export function deviceOf(userAgent = ''): string {
  const find = (words: Words) => words.find(([part]) => userAgent.includes(part))?.[1]
  return [find(browsers) ?? 'Some browser', find(systems)].filter(Boolean).join(' on ')
}
