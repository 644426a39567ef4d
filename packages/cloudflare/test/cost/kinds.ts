/** The kinds of requests that are counted apart, in the words of the tables. */
export const KINDS = {
  nothing: 'page, for a visitor who stores nothing',
  dead: 'page, with the cookie of a session that has ended',
  basket: 'page, with a basket',
  change: 'basket is filled',
  signedIn: 'page, signed in',
  signIn: 'sign-in',
  list: 'list of own sessions',
  signOut: 'sign-out',
  bot: 'bot without cookies',
  forged: 'forged, garbled or truncated cookie',
} as const

/** What is not a request: sessions that nobody ends, which end by an alarm. */
export const ENDINGS = {
  ended: 'sessions that end by themselves',
  endedOfBots: 'sessions of bots and forgers that end by themselves',
} as const

export type RequestKind = keyof typeof KINDS
export type Kind = RequestKind | keyof typeof ENDINGS

/** The kinds that are to cost nothing. */
export const UNWANTED: readonly Kind[] = ['bot', 'forged', 'endedOfBots']

/** What is asked before the hour, so that it does not begin with nothing; not in any table. */
export type Phase = Kind | 'before'
