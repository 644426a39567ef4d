/** A namespace whose objects share no name with those of another number. */
export function apart<T>(namespace: T, number: number): T {
  const { getByName } = namespace as { getByName(name: string, options?: object): unknown }
  const named = (name: string, options?: object) =>
    Reflect.apply(getByName, namespace, [`${number}/${name}`, options])
  return { getByName: named, jurisdiction: () => namespace } as T
}
