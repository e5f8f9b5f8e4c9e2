/** A growing set of numbered names, such as `IMsgStore#17`, in the memory of its gaps. */

/** The set. */
export interface Intervals {
  readonly add: (name: string) => void
  readonly has: (name: string) => boolean
  /** The numbers known under a prefix, as ranges in order. */
  readonly ranges: (prefix: string) => ReadonlyArray<Readonly<Range>>
}

interface Range {
  from: number
  to: number
}

/** Splits a name into what stands before its number, and the number; a name without one is not kept. */
const split = (name: string): readonly [string, number] | null => {
  const digits = /\d{1,15}$/.exec(name)
  return digits === null ? null : [name.slice(0, digits.index), Number(digits[0])]
}

/** The place of the last range that begins at `n` or before it; -1 where there is none. */
const place = (ranges: ReadonlyArray<Range>, n: number): number => {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.from ?? 0) <= n) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The empty set. */
export const make = (): Intervals => {
  const all = new Map<string, Array<Range>>()
  return {
    ranges: (prefix) => all.get(prefix) ?? [],
    has: (name) => {
      const parts = split(name)
      if (parts === null) return false
      const ranges = all.get(parts[0]) ?? []
      return (ranges[place(ranges, parts[1])]?.to ?? -1) >= parts[1]
    },
    add: (name) => {
      const parts = split(name)
      if (parts === null) return
      const [prefix, n] = parts
      const ranges = all.get(prefix) ?? []
      all.set(prefix, ranges)
      const at = place(ranges, n)
      const before = ranges[at]
      const after = ranges[at + 1]
      if (before !== undefined && before.to >= n) return
      const joinsBefore = before !== undefined && before.to === n - 1
      const joinsAfter = after !== undefined && after.from === n + 1
      if (joinsBefore && joinsAfter) {
        before.to = after.to
        ranges.splice(at + 1, 1)
      } else if (joinsBefore) before.to = n
      else if (joinsAfter) after.from = n
      else ranges.splice(at + 1, 0, { from: n, to: n })
    }
  }
}
