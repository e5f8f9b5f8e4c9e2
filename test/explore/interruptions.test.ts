/** Where an interruption may come, and what runs before it: every place where it would do something else is one. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as MutableRef from "effect/MutableRef"
import * as Ref from "effect/Ref"
import * as Tracer from "effect/Tracer"
import * as Explore from "../../src/explore.ts"
import { engineOf, explore, wrong } from "./oracle.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const outcomes = (program: Any) => [...explore(engineOf(program)).outcomes].sort()

describe("an interruption comes on either side of", () => {
  /** A step, and nothing more of which anybody would know; then a wait for ever. An interruption says where it came. */
  type Within = (
    step: Effect.Effect<void>,
    said: (text: string) => Effect.Effect<void>
  ) => Effect.Effect<unknown, never, Explore.Explore>

  const regions: ReadonlyArray<readonly [what: string, region: Within]> = [
    ["a finaliser", (step, said) => Effect.onInterrupt(Effect.andThen(step, Effect.succeed(1)), () => said("within"))],
    [
      "what a mask restores",
      (step, said) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.andThen(
            step,
            Effect.onInterrupt(restore(Effect.succeed(1)), () => said("within"))
          )
        )
    ],
    [
      "a callback that is to be undone",
      (step, said) =>
        Effect.gen(function* () {
          const resumes = MutableRef.make<ReadonlyArray<() => void>>([])
          const wake = Effect.suspend(() => {
            const waiting = MutableRef.getAndSet(resumes, [])
            for (const resume of waiting) resume()
            return waiting.length === 0 ? Effect.void : step
          })
          yield* Effect.forkChild(wake)
          yield* Effect.callback<void>((resume) => {
            MutableRef.set(resumes, [() => resume(Effect.void)])
            return said("within")
          })
        })
    ]
  ]

  it.each(regions)("the end of %s", (_, region) => {
    const program = Effect.gen(function* () {
      const says = yield* Ref.make("past")
      const steps = yield* Ref.make(0)
      const fiber = yield* Effect.forkChild(
        Effect.andThen(
          region(Ref.set(steps, 1), (text) => Ref.set(says, text)),
          Effect.onInterrupt(Effect.never, () => Ref.set(says, "further on"))
        )
      )
      yield* Explore.interruptAnywhere(fiber)
      yield* Fiber.await(fiber)
      return `${yield* Ref.get(says)} ${yield* Ref.get(steps)}`
    })
    const found = outcomes(program)
    assert.includeMembers(found, ['"within 1"', '"past 1"', '"further on 1"'])
    assert.deepStrictEqual(wrong(program, 385), [])
  })
})

/** What a fiber came to, in the words of its cause, and what it had noted before. */
const interrupted = (body: (note: (text: string) => Effect.Effect<void>) => Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    const notes = yield* Ref.make("")
    const fiber = yield* Effect.forkChild(body((text) => Ref.update(notes, (all) => all + text)))
    yield* Explore.interruptAnywhere(fiber)
    const exit = yield* Fiber.await(fiber)
    return `${said(exit)}: ${yield* Ref.get(notes)}`
  })

const said = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit)
    ? "Success"
    : exit.cause.reasons
        .map(({ _tag }) => _tag)
        .sort()
        .join(" + ")

describe("every place where one may come is found", () => {
  const programs: Record<string, readonly [ends: ReadonlyArray<string>, program: Any]> = {
    "before, within and after a mask that does one thing": [
      ["Interrupt: ", "Interrupt: a", "Success: a"],
      interrupted((note) => Effect.uninterruptible(note("a")))
    ],
    "within a mask that fails: it is told beside the failure": [
      ["Fail + Interrupt: ", "Fail: ", "Interrupt: "],
      interrupted(() => Effect.uninterruptible(Effect.fail("e")))
    ],
    "within a mask that dies, and in who catches that": [
      ["Die + Interrupt: a", "Interrupt: ", "Interrupt: a", "Success: ab"],
      interrupted((note) =>
        Effect.catchCause(Effect.uninterruptible(Effect.andThen(note("a"), Effect.die("d"))), () => note("b"))
      )
    ],
    "as a wait ends with a failure": [
      ["Fail + Interrupt: ", "Fail: ", "Interrupt: "],
      interrupted(() => Effect.flatMap(Effect.forkChild(Effect.fail("e")), Fiber.join))
    ],
    "in what a mask restores and catches, and after it": [
      ["Interrupt: Fail", "Interrupt: Interrupt", "Interrupt: ", "Success: Fail"],
      interrupted((note) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.catchCause(restore(Effect.fail("e")), (cause) => note(said(Exit.failCause(cause))))
        )
      )
    ],
    "within a span, whose end the program's own tracer is told": [
      ["Interrupt: ", "Interrupt: Failure", "Interrupt: Success", "Success: Success"],
      Effect.gen(function* () {
        const notes = MutableRef.make("")
        const tracer = Tracer.make({
          span: (options) => {
            const span = new Tracer.NativeSpan(options)
            span.end = (_, exit) => MutableRef.update(notes, (all) => all + exit._tag)
            return span
          }
        })
        const fiber = yield* Effect.forkChild(
          Effect.provideService(Effect.withSpan(Effect.void, "a"), Tracer.Tracer, tracer)
        )
        yield* Explore.interruptAnywhere(fiber)
        const exit = yield* Fiber.await(fiber)
        return `${said(exit)}: ${MutableRef.get(notes)}`
      })
    ]
  }

  it.each(Object.entries(programs))("%s", (_, [ends, program]) => {
    assert.deepStrictEqual(outcomes(program), ends.map((end) => JSON.stringify(end)).sort())
    assert.deepStrictEqual(wrong(program, 385), [])
  })
})

describe("a child", () => {
  it.effect("is not interrupted by its parent's end where it has ended itself", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        const parent = yield* Effect.forkChild(Effect.andThen(Effect.forkChild(Effect.void), Ref.set(ref, 1)))
        return (yield* Fiber.await(parent))._tag
      })
      assert.strictEqual((yield* Explore.check(program))._tag, "Verified")
      assert.deepStrictEqual(wrong(program, 385), [])
    })
  )
})
