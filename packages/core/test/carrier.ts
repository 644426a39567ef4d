import type { CommitOptions, Session, Sessions } from '../src/index.ts'

/** A request whose session is open. */
export interface Carried<Data extends object> {
  readonly session: Session<Data>
  /** Responds, and gives the response as the client has it. */
  commit(response: Response, platform: CommitOptions): Promise<Response>
}

/** How requests come to an application's sessions. */
export type Carrier = <Data extends object>(
  sessions: Sessions<Data>,
) => (request: Request) => Promise<Carried<Data>>

let other: Carrier | null = null

/** Runs the same tests through an adapter: the setup file of a Vitest project says which. */
export function carryThrough(adapter: Carrier): void {
  other = adapter
}

const direct: Carrier = (sessions) => async (request) => {
  const session = await sessions.open(request)
  return {
    session,
    commit: (response, platform) => sessions.commit(session, response, platform),
  }
}

/** Whether each request takes real time. */
export function isCarried(): boolean {
  return other !== null
}

/** How the requests of a test come to its sessions. */
export const carrier: Carrier = (sessions) => (other ?? direct)(sessions)
