/** Counts of one order of a log, counted again for another. */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import type { Event } from "../../src/CallLog.ts"
import * as Example from "../../src/laws/Example.ts"
import * as Recount from "../../src/laws/Recount.ts"

const store = "IMsgStore#1"
const counts = (holder: string, count: number, total: number) => Example.counted(store, holder, count, total)

/** Born, handed on; then each of these has a reference for a while. */
const log = (holders: ReadonlyArray<string>): ReadonlyArray<Event> =>
  Example.log(
    { call: "new IMsgStore", object: store, refs: counts("MAPI", 1, 1) },
    { call: "hand over reference", object: store, refs: [...counts("MAPI", 0, 1), ...counts("client", 1, 1)] },
    ...holders.flatMap((from, n) => [
      { call: "IMsgStore::AddRef", from, object: store, refs: counts(from, 1, 2 + n) },
      { call: "IMsgStore::GetProps", from, object: store }
    ]),
    ...holders.map((from, n) => ({
      call: "IMsgStore::Release",
      from,
      object: store,
      refs: counts(from, 0, holders.length - n)
    }))
  )

const changes = (events: ReadonlyArray<Event>) =>
  events.flatMap(({ refs }, at) => (refs.length > 0 ? [{ at, mode: "changes", role: "own" } as const] : []))

const recounted = (events: ReadonlyArray<Event>, from: Recount.Counted) => {
  let before = from
  return events.map((event) => {
    const [now, after] = Recount.recounted(event, before)
    before = after
    return now
  })
}

describe("counts, counted again", () => {
  it("in the order in which they came are what they were", () => {
    const events = log(["Ada", "Bob"])
    assert.deepStrictEqual(recounted(events, Recount.counting(events, changes(events))), events)
  })

  const Swaps = Arbitrary.array(Arbitrary.schema(Schema.Int), { maxLength: 20 })
  it.prop("in another order add up", [Swaps], ([swaps]) => {
    const events = [...log(["Ada", "Bob", "spooler"])]
    const from = Recount.counting(events, changes(events))
    for (const n of swaps) {
      const at = 4 + (Math.abs(n) % (events.length - 5)) // what comes after the hand-over, in any order
      const [one, other] = [events[at], events[at + 1]]
      if (one !== undefined && other !== undefined) events.splice(at, 2, other, one)
    }
    let total = 0
    for (const { call, refs } of recounted(events, from)) {
      total += call === "hand over reference" ? 0 : refs.length * (call.endsWith("Release") ? -1 : 1)
      for (const change of refs) assert.strictEqual(change.total, total)
    }
    assert.strictEqual(total, 1)
  })

  it("are left as they are where not every change of the object is there", () => {
    const events = log(["Ada"])
    const some = changes(events).slice(1)
    assert.deepStrictEqual(Recount.counting(events, some), new Map())
    assert.deepStrictEqual(recounted(events, new Map()), events)
  })

  it("and of a log that does not show its birth", () => {
    const events = log(["Ada"]).slice(2)
    assert.deepStrictEqual(Recount.counting(events, changes(events)), new Map())
  })

  it("what is the same in any order is whether there is one", () => {
    const [, , , , added] = log(["Ada"])
    assert.deepStrictEqual(added === undefined ? [] : Recount.inAnyOrder(added).refs, counts("Ada", 1, 1))
  })
})
