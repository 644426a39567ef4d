/** One piece of work on a session, among others of this process. */
export interface Turn {
  /**
   * Called before each write.
   *
   * @throws {Error} once others have gone ahead, since what this one knows may be old.
   */
  check(): void
}

interface Held extends Turn {
  /** Resolves when it has ended, or has had its time. */
  readonly over: Promise<void>
  begin(): void
  end(): void
  /** By those that waited, or came after its time. */
  overtake(): void
}

interface Line {
  /** How many have come and not left. A writer stays past its time, so that who comes then can overtake it. */
  length: number
  writer: Held | null
  /** Those that read since. */
  readonly readers: Set<Held>
}

// Half as long as the sessions wait for a store, so that who waited has the other half.
const TIME = 2500
const PATIENCE = 2 * TIME

// By session id, whichever storage it is in: two objects may well stand for one storage, and no two storages share an id.
const lines = new Map<string, Line>()

/** How many sessions are being worked on. */
export function busy(): number {
  return lines.size
}

/**
 * Does something with a session when nobody else in this process does: `alone`, or `together` with others that only read. Who takes longer than 2.5 s
 * is overtaken by those who wait or come, and who has waited for 5 s is turned away: nobody waits for the answer any more.
 *
 * @throws {Error} when it is turned away.
 */
export async function inTurn<T>(
  id: string,
  how: 'alone' | 'together',
  work: (turn: Turn) => Promise<T>,
): Promise<T> {
  const line = lines.get(id) ?? { length: 0, writer: null, readers: new Set() }
  lines.set(id, line)
  line.length++
  const turn = hold(how, () => {
    line.readers.delete(turn)
    if (--line.length === 0 && lines.get(id) === line) lines.delete(id)
  })
  const others = how === 'alone' ? [line.writer, ...line.readers] : [line.writer]
  if (how === 'alone') {
    line.writer = turn
    line.readers.clear()
  } else {
    line.readers.add(turn)
  }
  try {
    const since = performance.now()
    for (const other of others) await other?.over
    if (performance.now() - since > PATIENCE) throw new Error(`Session ${id} was busy for too long`)
    for (const other of others) other?.overtake()
    turn.begin()
    return await work(turn)
  } finally {
    turn.end()
  }
}

function hold(how: 'alone' | 'together', leave: () => void): Held {
  let resolve = (): void => {}
  const over = new Promise<void>((done) => {
    resolve = done
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  let left = false
  let overtaken = false
  function end(): void {
    clearTimeout(timer)
    resolve()
    if (!left) leave()
    left = true
  }
  return {
    over,
    begin() {
      timer = setTimeout(how === 'alone' ? resolve : end, TIME)
    },
    end,
    overtake() {
      overtaken = true
      end()
    },
    check() {
      if (overtaken) throw new Error('The storage took so long that others have gone ahead')
    },
  }
}
