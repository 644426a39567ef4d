export interface Piece {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly paragraphs: readonly string[]
}

export const pieces: readonly Piece[] = [
  {
    id: 'a-minute',
    title: 'A minute is a long time',
    about: 'Why this site may remember you a little late.',
    paragraphs: [
      'A note that you pin to one board takes a while to reach the others. This site has a board in every city that it is read from. What you pin to one is copied to the rest when they next look: usually within a minute, sometimes later. Nobody promises more.',
      'For a reading list that is no trouble. Few people fly from Lisbon to Tokyo between two clicks. For the lock of a bank vault it would be: there, one board that everybody asks is worth the walk.',
      'So do not ask whether late is bad. Ask what can happen in that minute. Here, you may miss the piece that you have just saved.',
    ],
  },
  {
    id: 'never-there',
    title: 'The reader who was never there',
    about: 'Why looking around leaves no trace.',
    paragraphs: [
      'Many sites give you a number at the door and write it into a book, whether you stay or not. Most who come are only passing, and many are machines. The book fills up with people who were never there.',
      'Here, the door has no book. You can read every page without a cookie, and the store is not asked whether it knows you. Press a button that asks us to remember something, and only then is there something to remember, and a cookie to find it by.',
      'A cookie that somebody has made up is no better than none: it is recognised without opening the book.',
    ],
  },
  {
    id: 'forgetting',
    title: 'Forgetting is work',
    about: 'Why a deleted session leaves a stone behind.',
    paragraphs: [
      'To forget somebody, take their note down. But while the boards are out of step, one that has not heard of it may pin a late change where the note was, and the forgotten person is back.',
      'So in the place of the note goes a small stone that says: ended. It stays for a little longer than any browser keeps a cookie, and no late change can move it.',
      'The stone does not say who you were. It bears a number made from a random one, which was in your cookie and nowhere else.',
    ],
  },
  {
    id: 'eighteen-days',
    title: 'Once in eighteen days',
    about: 'What it costs to know that you still come.',
    paragraphs: [
      'A session that nobody uses should end, so each visit has to count. Writing every visit down would cost more than all else that this site does, and say little: yesterday or today, you are a regular.',
      'So a visit is written down only when a tenth of the time is over that you may stay away. That is half a year here, and so you are noted once in eighteen days, however often you come.',
      'It is rounded against us: a session may end that much early, and never late.',
    ],
  },
]

export function pieceOf(id: string): Piece | undefined {
  return pieces.find((piece) => piece.id === id)
}
