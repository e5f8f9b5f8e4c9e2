/**
 * A log as a partial order: what each step tells of a subject, and how much of the rest comes before it. Inside the package
 * only.
 */
import { mix } from "./tree.ts"
import type { Sequence } from "./verdict.ts"

export type Part = Sequence["parts"][number]

/**
 * What one step tells of a subject: nothing of another comes in between. Of each chain, how many moves have to come before
 * it, and how many can.
 */
export interface Block {
  readonly parts: ReadonlyArray<Part>
  readonly needs: ReadonlyArray<number>
  readonly most: ReadonlyArray<number>
}

/** A subject's events: what moves it in chains, each of which has one order, and what only uses it. */
export interface Placed {
  readonly moves: ReadonlyArray<ReadonlyArray<Block>>
  readonly uses: ReadonlyArray<Block>
}

/** What they are, and which come before which: the same in every run of one trace, and of another like it. */
export const signature = (
  subject: string,
  { moves, uses }: Placed,
  told: ReadonlyArray<number>,
  roleOf: (role: string) => number
): string => {
  let one = 0
  let other = 0
  const add = (n: number) => {
    one = mix(one, n)
    other = mix(other + 1, n)
  }
  const tell = ({ most, needs, parts }: Block) => {
    add(-1)
    for (const { at, mode, role } of parts) {
      add(told[at] ?? 0)
      add(mode === "uses" ? -4 : roleOf(role))
    }
    for (const n of needs) add(n)
    for (const n of most) add(n)
  }
  for (const chain of moves) {
    add(-2)
    for (const block of chain) tell(block)
  }
  add(-3)
  for (const block of uses) tell(block)
  return `${subject} ${one} ${other}`
}

/** What has not happened yet comes later. */
export const onwards = (moves: Placed["moves"], order: ReadonlyArray<number>): ReadonlyArray<number> => {
  const rest = moves.flat().flatMap(({ parts }) => parts.flatMap(({ at }) => (order.includes(at) ? [] : [at])))
  return [...order, ...rest.sort((a, b) => a - b)]
}

/** How many there are before the first that is not so. */
export const firstNot = <A>(all: ReadonlyArray<A>, is: (one: A) => boolean): number => {
  let [from, to] = [0, all.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const one = all[middle]
    if (one !== undefined && is(one)) from = middle + 1
    else to = middle
  }
  return from
}

/** The same for every order of them. */
export const sumOf = (ids: ReadonlyArray<number>): string => {
  let one = 0
  let other = 0
  for (const id of ids) {
    one = (one + mix(1, id)) >>> 0
    other = (other + mix(2, id)) >>> 0
  }
  return `${one} ${other}`
}
