/** Two events that change nothing of each other's may come in either order: no verdict differs. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Subjects from "../../src/laws/Subjects.ts"
import { type Events, logs, Mutation, mutated, Place, verdicts } from "./crowd.ts"

const accessesOf = (events: Events) => {
  const read = Subjects.reading()
  return events.map((event) => read.tell(event).accesses)
}

type Access = Pick<Subjects.Access, "subject" | "mode">

const areIndependent = (one: ReadonlyArray<Access>, other: ReadonlyArray<Access>): boolean =>
  !one.some((mine) =>
    other.some((its) => its.subject === mine.subject && (its.mode === "changes" || mine.mode === "changes"))
  )

const modes = (accesses: ReadonlyArray<Access> | undefined) =>
  accesses?.map(({ mode, subject }) => `${mode} ${subject}`).toSorted()

/** Exchanges the two events from `at` on that first turn out to be independent neighbours. */
const swapped = (events: Events, from: number): Events | null => {
  const accesses = accessesOf(events)
  for (let n = 0; n < events.length - 1; n++) {
    const at = (from + n) % (events.length - 1)
    if (!areIndependent(accesses[at] ?? [], accesses[at + 1] ?? [])) continue
    const next = events.toSpliced(at, 2, ...events.slice(at, at + 2).toReversed())
    const after = accessesOf(next)
    assert.deepStrictEqual([modes(after[at]), modes(after[at + 1])], [modes(accesses[at + 1]), modes(accesses[at])])
    return next
  }
  return null
}

describe("independent neighbours", () => {
  const Log = Schema.Literals([0, 1, 2, 3])
  const Mutations = Schema.Array(Mutation).check(Schema.isMaxLength(3))
  const Swaps = Schema.Array(Place).check(Schema.isMinLength(1), Schema.isMaxLength(40))

  it.prop(
    "change places, and no verdict differs; of a log that holds, or of one that somebody has changed",
    [Log, Mutations, Swaps],
    ([n, mutations, swaps]) => {
      const log = mutations.reduce(mutated, logs[n] ?? [])
      const said = verdicts(log)
      let other = log
      for (const at of swaps) other = swapped(other, at) ?? other
      assert.deepStrictEqual(verdicts(other), said)
    }
  )

  it("are many, and a changed log does break laws: the property is about something", () => {
    const accesses = logs.map(accessesOf)
    const pairs = accesses.flatMap((all) => all.filter((one, at) => areIndependent(one, all[at + 1] ?? one)))
    assert.isAbove(pairs.length, 20)
    const broken = (logs[0] ?? []).filter((_, at) => {
      const log = mutated(logs[0] ?? [], { how: "double", at, to: 0 })
      return verdicts(log).broken.length > 0
    })
    assert.isAbove(broken.length, 20)
  })
})
