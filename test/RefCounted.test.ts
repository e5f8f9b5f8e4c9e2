import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as CallLog from "../src/CallLog.ts"
import * as RefCounted from "../src/RefCounted.ts"
import { plain, played } from "./support/refCounted.ts"
import { interruptedAtEachStep } from "./support/stepping.ts"

/** A log as lines: a call with the counts that it changed, and its result unless S_OK. */
const lines = (events: ReadonlyArray<CallLog.Event>) =>
  events.map(({ call, from, note, phase, refs, result = "" }) => {
    const counts = refs.map(({ count, holder, total }) => ` ${holder} ${count} of ${total}`).join()
    if (phase === "call") return `${from} ${call}${counts}`
    return result === "S_OK" && note === undefined
      ? "ok"
      : [result, note].filter((word) => word !== undefined).join(": ")
  })

describe("a Release under way", () => {
  it.effect("goes on to its end, though whoever releases has been told to stop", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { events, exit } = yield* played({ afterRelease: () => Deferred.await(gate) }, (object) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(object.release("MAPI"), { startImmediately: true })
          const stop = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
          yield* Deferred.succeed(gate, undefined)
          yield* Fiber.await(stop)
        })
      )
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(lines(events).slice(-2), ["MAPI IMsgStore::Release MAPI 0 of 0", "ok"])
    })
  )
})

describe("one object", () => {
  it.effect("is born with a reference, counted by holder, and dies with its last", () =>
    Effect.gen(function* () {
      const { events, exit } = yield* played({ step: 5, addRefStep: 5 }, (store) =>
        Effect.gen(function* () {
          const totals = [yield* store.count]
          const counted = (change: Effect.Effect<void, unknown>) =>
            Effect.flatMap(Effect.andThen(change, store.count), (count) => Effect.sync(() => totals.push(count)))
          yield* counted(store.addRef("client"))
          yield* counted(store.addRef("MAPI", "provider"))
          yield* store.transfer("MAPI", "client")
          assert.deepStrictEqual(
            yield* store.holders,
            new Map([
              ["MAPI", 1],
              ["client", 2]
            ])
          )
          for (const holder of ["client", "MAPI", "client"]) yield* counted(store.release(holder))
          return [store.id, totals, yield* store.count, yield* store.isValid]
        })
      )
      assert.deepStrictEqual(exit, Exit.succeed(["IMsgStore#1", [1, 2, 3, 2, 1, 0], 0, false]))
      assert.deepStrictEqual(lines(events), [
        "provider new IMsgStore MAPI 1 of 1",
        "ok",
        "client IMsgStore::AddRef client 1 of 2",
        "ok",
        "provider IMsgStore::AddRef MAPI 2 of 3",
        "ok",
        "MAPI hand over reference MAPI 1 of 3, client 2 of 3",
        "ok",
        "client IMsgStore::Release client 1 of 2",
        "ok",
        "MAPI IMsgStore::Release MAPI 0 of 1",
        "ok",
        "client IMsgStore::Release client 0 of 0",
        "ok"
      ])
      const steps = events.filter(({ phase }) => phase === "call").map(({ step }) => step)
      assert.deepStrictEqual(steps, [5, 5, 5, null, null, null, null])
      assert.isTrue(events.every(({ object }) => object === "IMsgStore#1"))
    })
  )
})

describe("what cannot be", () => {
  it.effect("a Release too many is typed, recorded, and changes no count", () =>
    Effect.gen(function* () {
      const { events, exit, holders } = yield* played({}, (store) => Effect.flip(store.release("client")))
      assert.deepStrictEqual(
        { ...(yield* exit) },
        {
          _tag: "OverRelease",
          scode: 0x80040108,
          step: null,
          subject: "IMsgStore#1",
          detail: "client has no reference to release",
          advice: "Release each reference once: pair every AddRef with one Release."
        }
      )
      assert.deepStrictEqual(holders, new Map([["MAPI", 1]]))
      assert.deepStrictEqual(lines(events).slice(2), [
        "client IMsgStore::Release",
        "MAPI_E_INVALID_OBJECT: client has no reference to release"
      ])
    })
  )

  it.effect("AddRef at zero is InvalidObject, whoever keeps the object open", () =>
    Effect.gen(function* () {
      for (const options of [{}, { keeps: () => true }]) {
        const { events, exit, holders } = yield* played(options, (store) =>
          Effect.andThen(store.release("MAPI"), Effect.flip(store.addRef("client")))
        )
        const { _tag, detail, subject } = yield* exit
        assert.deepStrictEqual(
          [_tag, subject, detail],
          ["InvalidObject", "IMsgStore#1", "AddRef after its last Release"]
        )
        assert.deepStrictEqual(holders, new Map())
        assert.deepStrictEqual(lines(events).slice(4), ["client IMsgStore::AddRef", "MAPI_E_INVALID_OBJECT"])
      }
    })
  )

  it.effect("an object may be past AddRef earlier: with its last client, though the spooler still holds it", () =>
    Effect.gen(function* () {
      const keeps = (holder: RefCounted.Holder) => holder === "client"
      const { exit, holders } = yield* played({ holder: "client", keeps }, (store) =>
        Effect.gen(function* () {
          yield* store.addRef("spooler")
          yield* store.release("client")
          return [(yield* Effect.flip(store.addRef("client")))._tag, yield* store.isValid, yield* store.count]
        })
      )
      assert.deepStrictEqual(exit, Exit.succeed(["InvalidObject", true, 1]))
      assert.deepStrictEqual(holders, new Map([["spooler", 1]]))
    })
  )

  it.effect("nobody hands on what he has not", () =>
    Effect.gen(function* () {
      const { events, exit, holders } = yield* played({}, (store) => Effect.flip(store.transfer("client", "spooler")))
      const { _tag, detail } = yield* exit
      assert.deepStrictEqual([_tag, detail], ["InvalidObject", "client has no reference to hand over"])
      assert.deepStrictEqual(holders, new Map([["MAPI", 1]]))
      assert.deepStrictEqual(lines(events).slice(2), ["client hand over reference", "MAPI_E_INVALID_OBJECT"])
    })
  )

  it.effect("made invalid it still answers to AddRef and Release", () =>
    Effect.gen(function* () {
      const { exit } = yield* played({}, (store) =>
        Effect.gen(function* () {
          yield* store.makeInvalid
          yield* store.addRef("client")
          yield* store.release("client")
          yield* store.release("MAPI")
          return [yield* store.isValid, yield* store.count]
        })
      )
      assert.deepStrictEqual(exit, Exit.succeed([false, 0]))
    })
  )
})

const bad: ReadonlyArray<readonly [string, () => Effect.Effect<void>]> = [
  ["dies", () => Effect.die("boom")],
  ["throws", () => assert.fail("boom")],
  ["interrupts itself", () => Effect.interrupt],
  // Boundary: an object in plain JavaScript; what is no Effect ends the fiber that meets it, finalisers and all.
  ["answers with no Effect", () => undefined as unknown as Effect.Effect<void>]
]

describe("the way out", () => {
  it.effect.each(bad)("an object that %s there does not fail its Release, which says so", ([, afterRelease]) =>
    Effect.gen(function* () {
      const { events, exit, holders } = yield* played({ afterRelease }, (store) => store.release("MAPI"))
      assert.deepStrictEqual(exit, Exit.void)
      assert.deepStrictEqual(holders, new Map())
      assert.deepStrictEqual(lines(events).slice(2), [
        "MAPI IMsgStore::Release MAPI 0 of 0",
        "S_OK: the object failed on its way out"
      ])
    })
  )

  it.effect("it runs inside every Release that took a reference, by who is left", () =>
    Effect.gen(function* () {
      const left: Array<boolean> = []
      const afterRelease = ({ any }: RefCounted.Left) => {
        const isLeft = any()
        return CallLog.call(
          { call: "inside", from: "provider", to: "provider" },
          Effect.sync(() => void left.push(isLeft))
        )
      }
      const { events } = yield* played({ afterRelease }, (store) =>
        Effect.gen(function* () {
          yield* store.addRef("client")
          yield* store.release("MAPI")
          yield* Effect.ignore(store.release("MAPI"))
          yield* store.release("client")
        })
      )
      assert.deepStrictEqual(left, [true, false])
      const releases = events.filter(({ call }) => call === "IMsgStore::Release").map(({ callId }) => callId)
      const inside = events.filter(({ call }) => call === "inside").map(({ within }) => within)
      const [first = 0, , , , last = 0] = releases
      assert.deepStrictEqual(inside, [first, first, last, last])
    })
  )

  it.effect("a Release that is asked to stop finishes what it began", () =>
    Effect.gen(function* () {
      let finished = false
      const slowly = Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => {
          finished = true
        })
      )
      const { exit, holders } = yield* played({ afterRelease: () => slowly }, (store) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(store.release("MAPI"), { startImmediately: true })
          yield* Fiber.interrupt(fiber)
          return finished
        })
      )
      assert.deepStrictEqual([exit, holders], [Exit.succeed(true), new Map()])
    })
  )
})

describe("letGo, for a path that must go on", () => {
  it.effect("is a Release; one too many is in the log alone", () =>
    Effect.gen(function* () {
      const { events, exit, holders } = yield* played({}, (store) =>
        Effect.andThen(RefCounted.letGo(store, "MAPI"), RefCounted.letGo(store, "MAPI"))
      )
      assert.deepStrictEqual([exit, holders], [Exit.succeed(undefined), new Map()])
      assert.deepStrictEqual(lines(events).slice(2), [
        "MAPI IMsgStore::Release MAPI 0 of 0",
        "ok",
        "MAPI IMsgStore::Release",
        "MAPI_E_INVALID_OBJECT: MAPI has no reference to release"
      ])
    })
  )

  it.effect.each(bad)("an object of somebody else's making that %s goes no further", ([, release]) =>
    Effect.gen(function* () {
      const object = { ...(yield* RefCounted.make(plain)), release: () => Effect.as(release(), 0) }
      assert.strictEqual(yield* RefCounted.letGo(object, "MAPI"), undefined)
    })
  )
})

describe("hold", () => {
  const ends: ReadonlyArray<readonly [string, Effect.Effect<unknown, string>]> = [
    ["success", Effect.succeed(42)],
    ["failure", Effect.fail("no")],
    ["a defect", Effect.die("boom")],
    ["interruption", Effect.interrupt]
  ]
  it.effect.each(ends)("gives its reference back on %s", ([, end]) =>
    Effect.gen(function* () {
      const { events, holders } = yield* played({}, (store) =>
        Effect.scoped(Effect.andThen(RefCounted.hold(store, "client"), end))
      )
      assert.deepStrictEqual(holders, new Map([["MAPI", 1]]))
      assert.deepStrictEqual(lines(events).slice(2), [
        "client IMsgStore::AddRef client 1 of 2",
        "ok",
        "client IMsgStore::Release client 0 of 1",
        "ok"
      ])
    })
  )

  it.effect("of an object that is gone is InvalidObject, and nothing is given back", () =>
    Effect.gen(function* () {
      const { events, exit } = yield* played({}, (store) =>
        Effect.andThen(store.release("MAPI"), Effect.flip(Effect.scoped(RefCounted.hold(store, "client"))))
      )
      assert.strictEqual((yield* exit)._tag, "InvalidObject")
      assert.strictEqual(lines(events).length, 6)
    })
  )

  it("interrupted at any point leaves nothing behind", () => {
    const points = interruptedAtEachStep(() => {
      const { events, recorder } = CallLog.makeRecorder()
      const program = Effect.gen(function* () {
        const store = yield* RefCounted.make(plain)
        yield* Effect.scoped(Effect.andThen(RefCounted.hold(store, "client"), Effect.yieldNow))
      })
      return {
        program: Effect.provideService(program, CallLog.CallLog, recorder),
        check: () => {
          const [row] = CallLog.ledger(Effect.runSync(events))
          if (row !== undefined) assert.deepStrictEqual([row.total, row.holders.client ?? 0], [1, 0])
        }
      }
    })
    assert.isAbove(points, 20)
  })

  it.effect("a hundred fibers at once leave zero; the log's order is the order of the counts", () =>
    Effect.gen(function* () {
      const clients = Array.from({ length: 100 }, (_, n) => `client ${n % 7}`)
      const { events, exit } = yield* played({}, (store) => {
        const hold = (client: string) => Effect.scoped(Effect.andThen(RefCounted.hold(store, client), Effect.yieldNow))
        const all = Effect.forEach(clients, hold, { concurrency: "unbounded", discard: true })
        return Effect.andThen(all, store.release("MAPI"))
      })
      const totals = events.flatMap(({ refs }) => refs.map(({ total }) => total))
      const steps = totals.map((total, n) => Math.abs(total - (totals[n - 1] ?? 0)))
      assert.deepStrictEqual([exit, Math.max(...totals), steps], [Exit.void, 101, Array(202).fill(1)])
    })
  )
})
