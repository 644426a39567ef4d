import type { Awaitable } from '@sojourn/core'

/** How processes tell each other, at once, what one of them did. */
export interface Notifications {
  /** Tells everybody who listens to a channel. Rejects when nobody may have been told. */
  publish(channel: string, message: string): Awaitable<unknown>
  /**
   * Listens to a channel, and gives what ends that. `resumed` is called each time it listens again after the connection was lost: messages may
   * have been missed.
   *
   * Rejects when it does not listen; it is asked again then.
   */
  subscribe(
    channel: string,
    listener: (message: string) => void,
    resumed: () => void,
  ): Awaitable<() => unknown>
}
