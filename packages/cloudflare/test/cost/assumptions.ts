/**
 * The traffic of the scripted hour. Change a number, run `npm run cost`, and docs/cost.md says what follows. Shares are of 1; where two
 * numbers stand for one, every whole number from one to the other comes as often.
 */
export const TRAFFIC = {
  seed: 20_260_701,
  /** Visits that begin in the hour, each by a browser of its own. */
  visits: 100,
  requestsPerVisit: [4, 8],
  secondsBetweenRequests: [5, 95],

  /** What a visit is: these four make 1. */
  storesNothing: 0.7,
  fillsBasket: 0.15,
  signsIn: 0.1,
  /** Signed in on an earlier day, "remember me". */
  isRemembered: 0.05,

  /** Of those that fill a basket or sign in: come with the cookie of a session that has ended. */
  bringsDeadCookie: 0.25,
  /** Of those that sign in. */
  fillsBasketFirst: 0.5,
  isToBeRemembered: 0.4,
  signsOut: 0.2,
  /** Of those that are signed in: look at the list of their sessions. */
  looksAtList: 0.1,

  botRequestsPerVisit: 2,
  forgedRequestsPerVisit: 0.2,
} as const

/** What makes a month of the hour. */
export const MONTH = { visitorsPerDay: 1_000_000, visitsPerVisitorAndDay: 1.5, days: 30 } as const

/**
 * For so many milliseconds of wall-clock time a request is assumed to keep its object active: to wake it where it sleeps, and to have its
 * write confirmed. Nothing here measures it. Once it has answered, an object of ours waits for nothing and may hibernate: unbilled.
 */
export const ACTIVE_MS_PER_OBJECT_REQUEST = 20
