/**
 * The fibers of a FiberSet or a FiberMap: asked for in one step, and gone through in another. Until it is closed they come
 * and go.
 *
 * Source: Effect 4.1.0, FiberSet, FiberMap, MutableHashMap. Inside the package only.
 */

const ways = [Symbol.iterator, "keys", "values", "entries"] as const

const within = (it: unknown): unknown =>
  typeof it === "object" && it !== null ? Reflect.get(it, "backing") : undefined

/** Says of each look at one of them, where that is taken. */
export const whenListed = (state: unknown, looks: () => void): void => {
  const list = [within(state), within(within(state))].find((it) => it instanceof Set || it instanceof Map)
  if (list === undefined) return
  for (const way of ways) {
    const ask: () => Iterator<unknown> = Reflect.get(list, way)
    const listed = () => {
      const iterator = ask.call(list)
      const next = iterator.next.bind(iterator)
      const looking = () => {
        looks()
        return next()
      }
      return Object.defineProperty(iterator, "next", { value: looking, configurable: true, writable: true })
    }
    Object.defineProperty(list, way, { value: listed, configurable: true, writable: true })
  }
}
