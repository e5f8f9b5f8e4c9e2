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

  it("say only whether there is one, where not every change of the object is there", () => {
    const events = log(["Ada"])
    const some = changes(events).slice(1)
    assert.deepStrictEqual(Recount.counting(events, some), new Map())
    assert.deepStrictEqual(
      recounted(events, new Map()).flatMap(({ refs }) => refs.map(({ count, total }) => [count, total])),
      events.flatMap(({ refs }) => refs.map(({ count, total }) => [Math.sign(count), Math.sign(total)]))
    )
  })

  const marked = (events: ReadonlyArray<Event>) => events.map(Recount.marking())

  it("that follow from what the calls do are not marked", () => {
    const events = log(["Ada", "Bob"])
    assert.deepStrictEqual(marked(events), [...events])
  })

  it("that do not are left as they were told, and what follows them is counted from there", () => {
    const events = log(["Ada"]).map((event) =>
      event.call === "IMsgStore::AddRef" && event.phase === "call" ? { ...event, refs: counts("Ada", 3, 5) } : event
    )
    const all = marked(events)
    assert.deepStrictEqual(
      all.flatMap((event) => (event.asTold === true ? [event.call] : [])),
      ["IMsgStore::AddRef", "IMsgStore::Release"]
    )
    const from = Recount.counting(events, changes(events))
    let before = from
    for (const event of all) {
      const [now, after] = Recount.recounted(event, before)
      assert.deepStrictEqual(now, event)
      before = after
    }
  })

  it("nor are those of an object whose birth the log does not show, or of a call that says nothing of its counts", () => {
    const [, , , , , , ...rest] = log(["Ada"])
    assert.deepStrictEqual(
      marked(rest).map(({ asTold = false }) => asTold),
      rest.map(({ refs }) => refs.length > 0)
    )
    const queried = Example.log(
      { call: "new IMsgStore", object: store, refs: counts("Ada", 1, 1) },
      { call: "IMsgStore::QueryInterface", object: store, refs: counts("Ada", 2, 2) },
      { call: "IMsgStore::Release", from: "Ada", object: store, refs: counts("Ada", 1, 1) }
    )
    assert.deepStrictEqual(
      marked(queried).flatMap(({ asTold, call }) => (asTold === true ? [call] : [])),
      ["IMsgStore::QueryInterface"]
    )
  })

  it("what is the same in any order is whether there is one", () => {
    const [, , , , added] = log(["Ada"])
    assert.deepStrictEqual(added === undefined ? [] : Recount.inAnyOrder(added).refs, counts("Ada", 1, 1))
    assert.deepStrictEqual(added === undefined ? [] : Recount.inAnyOrder({ ...added, asTold: true }).refs, added?.refs)
  })
})
