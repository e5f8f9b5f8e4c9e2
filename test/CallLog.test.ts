import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as CallLog from "../src/CallLog.ts"
import { FailOneProvider, ProviderFailed } from "../src/MapiError.ts"
import { base } from "./support/event.ts"
import { interruptedAtEachStep } from "./support/stepping.ts"

const about = { call: "IMSProvider::Logon", from: "MAPI", to: "provider", object: "IMSProvider#1" }
const inner = { call: "IMAPISupport::ModifyProfile", from: "provider", to: "MAPI" }

/** Records what a program does. */
const recorded = <A, E>(self: Effect.Effect<A, E>, listener?: (event: CallLog.Event) => void) =>
  Effect.gen(function* () {
    const { events, recorder } = CallLog.makeRecorder(listener)
    const exit = yield* Effect.exit(Effect.provideService(self, CallLog.CallLog, recorder))
    return { exit, events: yield* events }
  })

describe("by default", () => {
  it.effect("nothing is recorded, and nothing is asked for", () =>
    Effect.gen(function* () {
      const silent = yield* CallLog.CallLog
      assert.deepStrictEqual([silent.name("IMsgStore"), silent.nextCall(), silent.nextCall()], ["IMsgStore", 0, 0])
      // Its type needs nothing and fails with nothing: this compiles without a layer.
      const quiet: Effect.Effect<number> = CallLog.call(about, Effect.succeed(42))
      assert.strictEqual(yield* quiet, 42)
    })
  )

  it.effect("a call is not even looked at", () =>
    CallLog.call(about, Effect.succeed(42), { answer: () => assert.fail("nobody listens") })
  )
})

describe("a call", () => {
  it.effect("is two events, joined by its id", () =>
    Effect.gen(function* () {
      const { events, exit } = yield* recorded(
        CallLog.call(
          {
            ...about,
            step: 4,
            returnStep: 5,
            failStep: 3,
            flags: ["MDB_WRITE"],
            entryId: "00ff",
            iid: "IID_IMsgStore",
            dll: "A"
          },
          Effect.succeed("pair"),
          {
            answer: (pair) => ({
              returned: [pair],
              refs: [{ object: "o", holder: "h", count: 1, total: 2 }],
              note: "kept"
            })
          }
        )
      )
      const both = { ...base, flags: ["MDB_WRITE"], entryId: "00ff", iid: "IID_IMsgStore", dll: "A" }
      assert.deepStrictEqual(exit, Exit.succeed("pair"))
      assert.deepStrictEqual(events, [
        { ...both, seq: 1, step: 4, phase: "call" },
        {
          ...both,
          seq: 2,
          step: 5,
          phase: "return",
          returned: ["pair"],
          refs: [{ object: "o", holder: "h", count: 1, total: 2 }],
          result: "S_OK",
          note: "kept"
        }
      ])
    })
  )

  it.effect("tells what it was made within, also in fibers that it forks", () =>
    Effect.gen(function* () {
      const nested = CallLog.call(inner, Effect.void)
      const { events } = yield* recorded(
        CallLog.call(about, Effect.flatMap(Effect.forkChild(CallLog.call(inner, nested)), Fiber.join)).pipe(
          Effect.andThen(nested),
          Effect.provideService(CallLog.Frame, { session: "S#1", within: null })
        )
      )
      assert.deepStrictEqual(
        events.map(({ callId, phase, session, within }) => [session, callId, phase, within]),
        [
          ["S#1", 1, "call", null],
          ["S#1", 2, "call", 1],
          ["S#1", 3, "call", 2],
          ["S#1", 3, "return", 2],
          ["S#1", 2, "return", 1],
          ["S#1", 1, "return", null],
          ["S#1", 4, "call", null],
          ["S#1", 4, "return", null]
        ]
      )
    })
  )

  const failures: ReadonlyArray<readonly [string, Effect.Effect<never, unknown>, CallLog.Answer]> = [
    [
      "an error of the protocol",
      Effect.fail(new FailOneProvider({ subject: "Inbox", detail: "wrong password" })),
      { result: "MAPI_E_FAILONEPROVIDER", error: "FailOneProvider", note: "wrong password" }
    ],
    [
      "a code without a name",
      Effect.fail(new ProviderFailed({ subject: "Inbox", detail: "odd", scode: 0x80041234 })),
      { result: "0x80041234", error: "ProviderFailed", note: "odd" }
    ],
    ["any other failure", Effect.fail("no"), { result: "MAPI_E_CALL_FAILED", note: "the call failed" }],
    ["a defect", Effect.die("boom"), { result: "MAPI_E_CALL_FAILED", note: "the call threw" }],
    ["an interruption", Effect.interrupt, { result: "interrupted" }],
    [
      "a defect while it was interrupted",
      Effect.failCause(Cause.combine(Cause.interrupt(1), Cause.die("boom"))),
      { result: "MAPI_E_CALL_FAILED", note: "the call threw" }
    ]
  ]
  it.effect.each(failures)("that ends with %s names what it answers", ([, failing, answer]) =>
    Effect.gen(function* () {
      const { events, exit } = yield* recorded(CallLog.call({ ...about, step: 4, failStep: 3 }, failing))
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(events[1], { ...base, seq: 2, step: 3, phase: "return", ...answer })
    })
  )

  it.effect("that is interrupted while it waits", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const { events } = yield* recorded(
        Effect.gen(function* () {
          const waiting = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
          const fiber = yield* Effect.forkChild(CallLog.call(about, waiting))
          yield* Deferred.await(begun)
          yield* Fiber.interrupt(fiber)
        })
      )
      assert.deepStrictEqual(
        events.map(({ phase, result }) => [phase, result]),
        [
          ["call", undefined],
          ["return", "interrupted"]
        ]
      )
    })
  )

  it("that is interrupted at any point has returned, if it was called", () => {
    const seen = new Set<string>()
    const points = interruptedAtEachStep(() => {
      const { events, recorder } = CallLog.makeRecorder()
      const both = CallLog.call(about, Effect.andThen(CallLog.call(inner, Effect.yieldNow), Effect.succeed(42)))
      return {
        program: Effect.provideService(both, CallLog.CallLog, recorder),
        check: () => {
          const lines = Effect.runSync(events).map(({ callId, phase, result }) => `${callId} ${result ?? phase}`)
          seen.add(lines.join(", "))
        }
      }
    })
    assert.isAbove(points, 20)
    assert.deepStrictEqual(
      seen,
      new Set([
        "1 call, 1 interrupted",
        "1 call, 2 call, 2 interrupted, 1 interrupted",
        "1 call, 2 call, 2 S_OK, 1 interrupted",
        "1 call, 2 call, 2 S_OK, 1 S_OK"
      ])
    )
  })
})

describe("an answer", () => {
  it.each([
    ["S_OK", false],
    ["MAPI_W_ERRORS_RETURNED", false],
    ["0x000403FF", false],
    ["MAPI_E_BUSY", true],
    ["0x8004DEAD", true],
    ["interrupted", true],
    ["gone fishing", true],
    [undefined, false]
  ])("%s: is a failure? %s", (result, failed) => {
    assert.strictEqual(CallLog.isFailure(result), failed)
  })
})

describe("what happens in the steps that record a call", () => {
  it.effect("a refusal is the call's failure, and then there was none", () =>
    Effect.gen(function* () {
      const { events, exit } = yield* recorded(
        CallLog.call(about, Effect.die("called"), { refuse: () => "logged off" as const })
      )
      assert.deepStrictEqual([exit, events], [Exit.fail("logged off"), []])
    })
  )

  it.effect("what a failure does to others is done when its return is told, and not before", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const failing = Effect.andThen(
        Effect.sync(() => void told.push("inside")),
        Effect.fail("no")
      )
      const failed = (error: string) => void told.push(`failed: ${error}`)
      const { exit } = yield* recorded(CallLog.call(about, failing, { failed }), ({ phase }) => void told.push(phase))
      assert.deepStrictEqual([exit, told], [Exit.fail("no"), ["call", "inside", "failed: no", "return"]])
      yield* recorded(CallLog.call(about, Effect.void, { failed }))
      assert.strictEqual(told.length, 4)
    })
  )

  it.effect("also where nobody listens", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      yield* Effect.exit(CallLog.call(about, Effect.fail("no"), { failed: (error) => void told.push(error) }))
      assert.deepStrictEqual(told, ["no"])
    })
  )
})

describe("recording changes nothing", () => {
  it.effect("a listener that throws is not heard", () =>
    Effect.gen(function* () {
      const heard: Array<number> = []
      const { events, exit } = yield* recorded(CallLog.call(about, Effect.succeed(42)), ({ seq }) => {
        heard.push(seq)
        throw new Error("disk full")
      })
      assert.deepStrictEqual(exit, Exit.succeed(42))
      assert.deepStrictEqual([heard, events.length], [[1, 2], 2])
    })
  )

  it.effect("an answer that cannot be read is handed on all the same", () =>
    Effect.gen(function* () {
      const unreadable = CallLog.call(about, Effect.succeed(42), {
        answer: () => {
          throw new Error("a getter of it threw")
        }
      })
      const { events, exit } = yield* recorded(unreadable)
      assert.deepStrictEqual(exit, Exit.succeed(42))
      assert.deepStrictEqual(events[1], {
        ...base,
        seq: 2,
        phase: "return",
        result: "S_OK",
        note: "the answer cannot be read"
      })
    })
  )
})

describe("the recording layer", () => {
  it.effect("records whatever is built on it, and hands out what there is until now", () =>
    Effect.gen(function* () {
      const recording = yield* CallLog.Recording
      assert.deepStrictEqual(yield* recording.events, [])
      yield* CallLog.call(about, Effect.void)
      const first = yield* recording.events
      yield* CallLog.call(about, Effect.void)
      assert.deepStrictEqual([first.length, (yield* recording.events).map(({ seq }) => seq)], [2, [1, 2, 3, 4]])
    }).pipe(Effect.provide(CallLog.layerRecording))
  )

  it.effect("two of them are two logs", () =>
    Effect.gen(function* () {
      const one = Context.get(yield* Layer.build(Layer.fresh(CallLog.layerRecording)), CallLog.Recording)
      const other = yield* Layer.build(Layer.fresh(CallLog.layerRecording))
      yield* Effect.provide(CallLog.call(about, Effect.void), other)
      assert.deepStrictEqual([yield* one.events, (yield* Context.get(other, CallLog.Recording).events).length], [[], 2])
    })
  )

  it("names are numbered by kind", () => {
    const { recorder } = CallLog.makeRecorder()
    const kinds = ["IMsgStore", "IMSLogon", "IMsgStore", "__proto__", "__proto__"]
    assert.deepStrictEqual(kinds.map(recorder.name), [
      "IMsgStore#1",
      "IMSLogon#1",
      "IMsgStore#2",
      "__proto__#1",
      "__proto__#2"
    ])
  })
})

describe("a line of a trace file", () => {
  it("reads as it was written", () => {
    const line =
      '{"seq":7,"session":null,"callId":4,"within":null,"step":2,"phase":"return","from":"MAPI","to":"provider",' +
      '"call":"LoadLibrary","object":null,"returned":[],"refs":[],"dll":"DEMO.DLL","result":"S_OK"}'
    const event = Schema.decodeUnknownSync(CallLog.EventFromJson)(line)
    assert.deepStrictEqual(event, {
      seq: 7,
      session: null,
      callId: 4,
      within: null,
      step: 2,
      phase: "return",
      from: "MAPI",
      to: "provider",
      call: "LoadLibrary",
      object: null,
      returned: [],
      refs: [],
      dll: "DEMO.DLL",
      result: "S_OK"
    })
    assert.strictEqual(Schema.encodeSync(CallLog.EventFromJson)(event), line)
  })

  // JSON has no negative zero.
  const positive = <A>(value: A): A => JSON.parse(JSON.stringify(value))
  const Events = Arbitrary.map(Arbitrary.schema(CallLog.Event), positive)
  it.prop("any event survives it, on one line", [Events], ([event]) => {
    const line = Schema.encodeSync(CallLog.EventFromJson)(event)
    assert.notInclude(line, "\n")
    assert.deepStrictEqual(Schema.decodeUnknownSync(CallLog.EventFromJson)(line), event)
  })

  it.each([
    ["no JSON", "{"],
    ["a step outside the nine", '{"step":10}'],
    ["a phase that is none", '{"phase":"maybe"}']
  ])("%s is refused", (_, line) => {
    assert.isTrue(Exit.isFailure(Schema.decodeUnknownExit(CallLog.EventFromJson)(line)))
  })
})
