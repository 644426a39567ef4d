import type { Notifications } from './notifications.ts'

/** What publishes: any client of node-redis or ioredis, the store's own too. */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>
}

/** A client of node-redis that does nothing else. */
export interface NodeRedisSubscriber {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** With the listener that was given to `subscribe`: those of the clients take no other. */
  unsubscribe(channel: string, listener: never): Promise<unknown>
  on(event: 'ready', listener: () => void): unknown
  off(event: 'ready', listener: () => void): unknown
}

/** A client of ioredis that does nothing else. */
export interface IoRedisSubscriber {
  call: unknown
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'ready', listener: () => void): unknown
  off(event: 'message', listener: (channel: string, message: string) => void): unknown
  off(event: 'ready', listener: () => void): unknown
}

export interface RedisNotificationsOptions {
  readonly publisher: RedisPublisher
  /** A connection of its own, such as `client.duplicate()`: one that subscribes can do nothing else. Connected by you. */
  readonly subscriber: NodeRedisSubscriber | IoRedisSubscriber
}

/**
 * Notifications by Redis' PUBLISH and SUBSCRIBE, through node-redis or ioredis.
 *
 * @throws {TypeError} naming the option that is wrong.
 */
export function redisNotifications(options: RedisNotificationsOptions): Notifications {
  const { publisher, subscriber } = options
  mustHave('publisher', publisher, 'publish')
  for (const method of ['subscribe', 'unsubscribe', 'on', 'off']) {
    mustHave('subscriber', subscriber, method)
  }
  const subscribe = isIoRedis(subscriber) ? byEvents(subscriber) : byListener(subscriber)
  return { publish: (channel, message) => publisher.publish(channel, message), subscribe }
}

// It subscribes again by itself, before it is ready again.
function byListener(subscriber: NodeRedisSubscriber): Notifications['subscribe'] {
  return async (channel, listener, resumed) => {
    const hear = (message: string): void => listener(message)
    await subscriber.subscribe(channel, hear)
    subscriber.on('ready', resumed)
    return () => {
      subscriber.off('ready', resumed)
      return subscriber.unsubscribe(channel, hear as never)
    }
  }
}

function byEvents(subscriber: IoRedisSubscriber): Notifications['subscribe'] {
  // It knows channels, not who listens to them.
  const listening: string[] = []
  return async (channel, listener, resumed) => {
    const hear = (from: string, message: string): void => {
      if (from === channel) listener(message)
    }
    // It subscribes again by itself, but is ready before that is done. A failure is another lost connection.
    const onReady = (): void => void subscriber.subscribe(channel).then(resumed, () => {})
    const stop = (): void => {
      subscriber.off('message', hear)
      subscriber.off('ready', onReady)
    }
    subscriber.on('message', hear)
    try {
      await subscriber.subscribe(channel)
    } catch (error) {
      stop()
      throw error
    }
    subscriber.on('ready', onReady)
    listening.push(channel)
    return () => {
      stop()
      listening.splice(listening.indexOf(channel), 1)
      return listening.includes(channel) ? undefined : subscriber.unsubscribe(channel)
    }
  }
}

function isIoRedis(subscriber: object): subscriber is IoRedisSubscriber {
  return typeof (subscriber as { call?: unknown }).call === 'function'
}

function mustHave(option: string, client: unknown, method: string): void {
  if (typeof (client as Record<string, unknown> | null | undefined)?.[method] === 'function') return
  throw new TypeError(`"${option}" must be a client of node-redis or ioredis, got ${typeof client}`)
}
