/**
 * ScopedCache, seen as one cell: every use of it begins at its state, which is written by whoever looks at it, and what
 * its entries keep beside their Deferred and their Scope is seen in each. Inside the package only.
 *
 * Source: Effect 4.1.0, ScopedCache.
 */

interface Tools {
  /** Makes a field an access of the cache. */
  readonly watch: (it: object, key: string) => void
  readonly scope: (scope: object) => void
}

export const trackScopedCache = (cache: object, { scope, watch }: Tools): void => {
  const state: unknown = Reflect.get(cache, "state")
  const map: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "map") : undefined
  const backing: unknown = typeof map === "object" && map !== null ? Reflect.get(map, "backing") : undefined
  watch(cache, "state")
  if (!(backing instanceof Map)) return
  const set = backing.set.bind(backing)
  const seen = new WeakSet<object>()
  backing.set = (key: unknown, entry: object) => {
    if (!seen.has(entry)) {
      seen.add(entry)
      for (const field of ["awaiters", "expiresAt", "fiber"]) watch(entry, field)
      const own: unknown = Reflect.get(entry, "scope")
      if (typeof own === "object" && own !== null) scope(own)
    }
    return set(key, entry)
  }
}
