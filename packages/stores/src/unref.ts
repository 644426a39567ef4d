/** A timer that keeps no process alive, where there is such a thing. */
export function unref<T>(timer: T): T {
  const { unref } = timer as { unref?: () => unknown }
  unref?.call(timer)
  return timer
}
