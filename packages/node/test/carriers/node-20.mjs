// What the test runner and the tests need of newer versions; the packages need none of it, as `suite/versions.test.ts` shows.
Promise.withResolvers ??= function withResolvers() {
  const resolvers = {}
  const promise = new this((resolve, reject) => Object.assign(resolvers, { resolve, reject }))
  return { promise, ...resolvers }
}

Map.groupBy ??= (items, keyOf) => {
  const groups = new Map()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}
