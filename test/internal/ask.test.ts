import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import { type Asked, ask, askProvider, inOwnFiber } from "../../src/internal/ask.ts"
import {
  FailOneProvider,
  InvalidObject,
  isObjectError,
  isProviderError,
  LogonFailed,
  NotFound,
  ProviderDisabled,
  type ProviderError,
  ProviderFailed
} from "../../src/MapiError.ts"
import { interruptedAtEachStep } from "../support/stepping.ts"

const about = { subject: "Inbox", detail: "wrong password" }
const asked: Asked = {
  call: "IMSProvider::Logon",
  subject: "DEMO.DLL",
  step: 4,
  scrub: (text) => text.replaceAll("s3same", "<redacted>")
}

type Call = () => Effect.Effect<string, ProviderError>
// Boundary: a provider in plain JavaScript may answer anything.
const answering =
  (answer: unknown): Call =>
  () =>
    answer as Effect.Effect<string, ProviderError>
const failing = (error: unknown): Call => answering(Effect.fail(error))

const unreadable = {
  get addRef(): never {
    throw new TypeError("no such luck")
  }
}
const showing = Object.assign(new Error("boom"), { password: "hidden", toString: () => "boom, with hidden" })
const wellFormed = (value: unknown) => Predicate.hasProperty(value, "addRef") && value.addRef !== null

const interruptingItself = Effect.gen(function* () {
  const own = yield* Effect.fiber
  yield* Effect.sync(() => own.interruptUnsafe())
  yield* Effect.yieldNow
  return "pair"
})

/** Bad manners, and what is made of each. */
const manners: ReadonlyArray<readonly [string, Call, string]> = [
  ["throws", () => assert.fail("boom"), "threw AssertionError: boom"],
  ["dies", answering(Effect.die(new RangeError("boom"))), "threw RangeError: boom"],
  ["dies of a text", answering(Effect.die("boom")), "threw boom"],
  ["dies of what has no text", answering(Effect.die(Object.create(null))), "threw something that has no text"],
  ["dies of an error whose text shows its fields", answering(Effect.die(showing)), "threw Error: boom"],
  ["dies of an object", answering(Effect.die({ password: "hidden" })), "threw [object Object]"],
  ["interrupts itself", answering(Effect.interrupt), "interrupted itself"],
  [
    "fails and dies at once",
    answering(Effect.failCause(Cause.combine(Cause.fail(1), Cause.die("boom")))),
    "threw boom"
  ],
  ["fails without a reason", answering(Effect.failCause(Cause.empty)), "failed without a reason"],
  ["answers undefined", answering(undefined), "returned no Effect"],
  ["answers a number", answering(42), "returned no Effect"],
  ["answers a promise", answering(Promise.resolve("pair")), "returned no Effect"],
  [
    "makes an effect that is none on the way",
    answering(Effect.flatMap(Effect.void, answering(42))),
    "threw Fiber.runLoop: Not a valid effect: 42"
  ],
  ["fails with a text", failing("no"), "failed with what no provider may answer: no"],
  [
    "fails with MAPI's own error",
    failing(new ProviderDisabled({ ...about, advice: "Stop." })),
    "failed with what no provider may answer: ProviderDisabled: Inbox: wrong password. Stop."
  ],
  [
    "fails with what looks like an error",
    failing({ ...new FailOneProvider(about) }),
    "failed with what no provider may answer: [object Object]"
  ],
  [
    "fails with an error whose fields it has spoilt",
    failing(Object.assign(new FailOneProvider(about), { detail: 42 })),
    "answered with what cannot be read: Error: Schema validation failed"
  ],
  ["succeeds with something else", answering(Effect.succeed("pair")), "answered with something else than its objects"],
  [
    "succeeds with what throws when it is looked at",
    answering(Effect.succeed(unreadable)),
    "answered with what cannot be read: TypeError: no such luck"
  ]
]

describe("a provider that", () => {
  it.effect.each(manners)("%s has failed, and said so", ([, call, wanted]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(askProvider({ ...asked, wellFormed }, call))
      assert.instanceOf(error, ProviderFailed)
      assert.deepStrictEqual([error.subject, error.step, error.scode], ["DEMO.DLL", 4, 0x80004005])
      assert.strictEqual(error.detail, `IMSProvider::Logon ${wanted}`)
    })
  )

  it.effect("answers well is believed", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* askProvider(asked, answering(Effect.succeed("pair"))), "pair")
      const good = { addRef: 1 }
      assert.strictEqual(yield* ask({ ...asked, wellFormed }, () => Effect.succeed(good), isProviderError), good)
    })
  )

  it.effect("fails as it may keeps its error, placed at the step", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(askProvider(asked, () => Effect.fail(new FailOneProvider(about))))
      assert.deepStrictEqual({ ...error }, { ...new FailOneProvider({ ...about, step: 4 }) })
      const odd = new ProviderFailed({ ...about, scode: 0x80041234 })
      assert.strictEqual((yield* Effect.flip(askProvider(asked, () => Effect.fail(odd)))).scode, 0x80041234)
    })
  )

  it.effect("fails as another call may is judged by what this one may", () =>
    Effect.gen(function* () {
      const gone = () => Effect.fail(new InvalidObject(about))
      const locked = answering(Effect.fail(new LogonFailed(about)))
      assert.strictEqual((yield* Effect.flip(ask(asked, gone, isObjectError)))._tag, "InvalidObject")
      const strict = ask(asked, locked, (error): error is NotFound => error instanceof NotFound)
      assert.strictEqual((yield* Effect.flip(strict))._tag, "ProviderFailed")
    })
  )
})

describe("a password never gets out of a provider", () => {
  const leaks: ReadonlyArray<readonly [string, Call]> = [
    ["throws", () => assert.fail("s3same is wrong")],
    ["dies", answering(Effect.die("s3same"))],
    ["fails with a text", failing("s3same")],
    ["fails", failing(new FailOneProvider({ subject: "s3same", detail: "not s3same", advice: "Try s3same2." }))],
    ["hides it in an error", failing(Object.assign(new FailOneProvider(about), { secret: "s3same" }))],
    ["gives it as a cause", failing(Object.assign(new FailOneProvider(about), { cause: "s3same" }))]
  ]
  it.effect.each(leaks)("that %s with it", ([, call]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(askProvider(asked, call))
      assert.notInclude(JSON.stringify(error), "s3same")
      assert.notInclude(`${error} ${error.message} ${error.stack} ${Object.values(error)}`, "s3same")
      assert.isFalse(Predicate.hasProperty(error, "cause") && error.cause !== undefined)
    })
  )

  it.effect.each(["subject", "detail", "advice"] as const)("that has it in the %s of an error alone", (place) =>
    Effect.gen(function* () {
      const leak = new FailOneProvider({ ...about, advice: "Ask.", [place]: "s3same" })
      const error = yield* Effect.flip(askProvider(asked, failing(leak)))
      assert.strictEqual(error[place], "<redacted>")
    })
  )

  it.effect("what is left of the words stays", () =>
    Effect.gen(function* () {
      const leak = failing(new FailOneProvider({ subject: "Inbox", detail: "not s3same", advice: "Ask." }))
      const error = yield* Effect.flip(askProvider(asked, leak))
      assert.deepStrictEqual([error._tag, error.message], ["FailOneProvider", "Inbox: not <redacted>. Ask."])
    })
  )
})

describe("the call", () => {
  it.effect("runs at once, in a fiber of its own, that nobody interrupts", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const mine = yield* Effect.fiber
      const answer = yield* Deferred.make<string>()
      const call = () =>
        Effect.gen(function* () {
          seen.push((yield* Effect.fiber) === mine ? "the client's fiber" : "a fiber of its own")
          return yield* Deferred.await(answer)
        })
      const waiting = yield* Effect.forkChild(askProvider(asked, call), { startImmediately: true })
      assert.deepStrictEqual(seen, ["a fiber of its own"])
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(waiting), { startImmediately: true })
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe()) // to stop waiting is the business of inOwnFiber
      yield* Deferred.succeed(answer, "pair")
      yield* Fiber.join(interrupting)
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(waiting)) || Exit.hasInterrupts(yield* Fiber.await(waiting)))
    })
  )

  it.effect("is not cut short where it interrupts its fiber: what comes of it is its answer", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* askProvider(asked, () => interruptingItself), "pair")
    })
  )
})

describe("a job in a fiber of its own", () => {
  /** Starts a job that answers when it is told to, and a client that waits for it. */
  const start = Effect.gen(function* () {
    const ended = yield* Deferred.make<Exit.Exit<string, string>>()
    const answer = yield* Deferred.make<string, string>()
    const givenBack: Array<string> = []
    const abandoned = (value: string) => Effect.sync(() => void givenBack.push(value))
    const client = yield* Effect.uninterruptibleMask((wait) =>
      inOwnFiber(Deferred.await(answer), { ended, wait, abandoned })
    ).pipe(Effect.forkChild({ startImmediately: true }))
    return { answer, client, ended, givenBack }
  })

  it.effect("brings its answer, or its failure", () =>
    Effect.gen(function* () {
      const one = yield* start
      yield* Deferred.succeed(one.answer, "pair")
      assert.strictEqual(yield* Fiber.join(one.client), "pair")
      const other = yield* start
      yield* Deferred.fail(other.answer, "no")
      assert.strictEqual(yield* Effect.flip(Fiber.join(other.client)), "no")
      assert.deepStrictEqual([...one.givenBack, ...other.givenBack], [])
    })
  )

  it.effect("is not waited for by a client that is interrupted; what it brings late is given back", () =>
    Effect.gen(function* () {
      const { answer, client, givenBack } = yield* start
      yield* Fiber.interrupt(client)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(client)))
      assert.deepStrictEqual(givenBack, [])
      yield* Deferred.succeed(answer, "pair")
      yield* Effect.yieldNow
      assert.deepStrictEqual(givenBack, ["pair"])
    })
  )

  it.effect("that fails late brings nothing to give back; that never ends holds up nobody", () =>
    Effect.gen(function* () {
      const { answer, client, givenBack } = yield* start
      yield* Fiber.interrupt(client)
      yield* Deferred.fail(answer, "no")
      yield* Effect.yieldNow
      assert.deepStrictEqual(givenBack, [])
    })
  )

  it.effect("is given up where somebody else decides so; what it brings late is given back", () =>
    Effect.gen(function* () {
      const { answer, client, ended, givenBack } = yield* start
      yield* Deferred.succeed(ended, Exit.fail("logged off"))
      assert.strictEqual(yield* Effect.flip(Fiber.join(client)), "logged off")
      yield* Deferred.succeed(answer, "pair")
      yield* Effect.yieldNow
      assert.deepStrictEqual(givenBack, ["pair"])
    })
  )

  it.effect("brings its answer though it interrupts that fiber: only the wait is interruptible", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<Exit.Exit<string>>()
      const options = { ended, wait: Effect.interruptible, abandoned: () => Effect.void }
      assert.strictEqual(yield* inOwnFiber(interruptingItself, options), "pair")
    })
  )

  it("brings its answer to one place, wherever its client is interrupted", () => {
    const outcomes = new Set<string>()
    const points = interruptedAtEachStep(() => {
      const places: Array<string> = []
      const ended = Deferred.makeUnsafe<Exit.Exit<string>>()
      const abandoned = () => Effect.sync(() => void places.push("given back"))
      const job = Effect.as(Effect.andThen(Effect.yieldNow, Effect.yieldNow), "pair")
      const program = Effect.uninterruptibleMask((wait) =>
        Effect.tap(inOwnFiber(job, { ended, wait, abandoned }), () => Effect.sync(() => void places.push("taken")))
      )
      return { program, check: () => outcomes.add(places.join(" and ")) }
    })
    assert.isAbove(points, 10)
    assert.deepStrictEqual(outcomes, new Set(["given back", "taken"]))
  })
})
