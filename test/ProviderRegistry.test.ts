import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as CallLog from "../src/CallLog.ts"
import { LoadFailed, NotFound } from "../src/MapiError.ts"
import { fromModule, inMemory, ProviderRegistry, type Registration } from "../src/ProviderRegistry.ts"
import type { ProviderModule } from "../src/StoreProvider.ts"
import * as fixture from "./fixtures/provider.ts"
import { interruptedAtEachStep } from "./support/stepping.ts"

const here = (file: string): string => new URL(`./fixtures/${file}`, import.meta.url).href

/** A registry whose end the test decides, and what was recorded of the DLLs. */
const open = Effect.fnUntraced(function* (...registrations: ReadonlyArray<Registration>) {
  const { events, recorder } = CallLog.makeRecorder()
  const scope = yield* Scope.make()
  const context = yield* Layer.build(ProviderRegistry.layer(registrations)).pipe(
    Effect.provideService(CallLog.CallLog, recorder),
    Scope.provide(scope)
  )
  const { knows, load } = Context.get(context, ProviderRegistry)
  /** A user of a DLL: it is in use until he leaves. */
  const use = Effect.fnUntraced(function* (dll = "X.DLL") {
    const user = yield* Scope.make()
    const module = yield* Scope.provide(load(dll), user)
    return { module, leave: Scope.close(user, Exit.void) }
  })
  const story = Effect.map(events, (all) => all.filter(({ phase }) => phase === "return").map(line))
  return { close: Scope.close(scope, Exit.void), events, knows, load, story, use }
})
const line = ({ call, dll, result }: CallLog.Event) => `${call} ${dll} ${result}`

const reasonOf = (error: LoadFailed) => `${error.reason}: ${error.detail}`

/** A registration that counts its loads, and answers each time with what is next. */
const counting = (...answers: ReadonlyArray<Effect.Effect<ProviderModule, LoadFailed>>) => {
  const loads = { count: 0 }
  const load = Effect.suspend(() => {
    loads.count++
    return answers[loads.count - 1] ?? Effect.die("nobody asked for that")
  })
  const registration: Registration = { dllFileName: "X.DLL", load }
  return { loads, registration }
}
const expired = new LoadFailed({ subject: "X.DLL", reason: "threw", detail: "expired" })

describe("a registration", () => {
  it.effect("is known by its DLL name, without regard to case; of two with one name, the later", () =>
    Effect.gen(function* () {
      const { knows, story, use } = yield* open(inMemory("mspst.dll", fixture), inMemory("MsPst.DLL", { ...fixture }))
      assert.deepStrictEqual(["MSPST.DLL", "mspst.dll", "mspst32.dll", ""].map(knows), [true, true, false, false])
      const one = yield* use("MSPST.dll")
      const other = yield* use("mspst.DLL")
      assert.strictEqual(one.module, other.module)
      assert.notStrictEqual(one.module, fixture)
      assert.deepStrictEqual(yield* story, ["LoadLibrary MsPst.DLL S_OK"])
    })
  )

  it.effect("that nobody made cannot be loaded", () =>
    Effect.gen(function* () {
      const { load, story } = yield* open()
      const error = yield* Effect.flip(Effect.scoped(load("X.DLL")))
      assert.deepStrictEqual(
        { ...error },
        {
          _tag: "LoadFailed",
          scode: 0x80004005,
          step: 2,
          subject: "X.DLL",
          detail: "no provider is registered under this name",
          advice: "Check the module that this DLL name is registered with, then open again.",
          reason: "missing"
        }
      )
      assert.deepStrictEqual(yield* story, [])
    })
  )

  it.effect("in memory needs the export as much as any", () =>
    Effect.gen(function* () {
      // Boundary: a registration in plain JavaScript.
      const { load } = yield* open(inMemory("X.DLL", {} as ProviderModule))
      const error = yield* Effect.flip(Effect.scoped(load("X.DLL")))
      assert.strictEqual(reasonOf(error), "noExport: the module has no export MSProviderInit")
    })
  )
})

describe("an ES module", () => {
  const loaded: ReadonlyArray<readonly [string, string | URL | (() => Promise<unknown>)]> = [
    ["by its URL", here("provider.ts")],
    ["by its URL object", new URL(here("provider.ts"))],
    ["by a function that imports", () => import("./fixtures/provider.ts")]
  ]
  it.effect.each(loaded)("%s is loaded", ([, from]) =>
    Effect.gen(function* () {
      const { story, use } = yield* open(fromModule("X.DLL", from))
      const { module } = yield* use()
      assert.strictEqual(typeof module.MSProviderInit, "function")
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK"])
    })
  )

  const throwing = () => {
    throw new Error("no module today")
  }
  const failures: ReadonlyArray<readonly [string, string | (() => Promise<unknown>), string]> = [
    ["missing", here("notThere.ts"), `missing: no module at ${here("notThere.ts")}`],
    ["of no package", "effect-mapi-no-such-provider", "missing: no module at effect-mapi-no-such-provider"],
    ["with a relative name", "./X.ts", "missing: ./X.ts is relative: register an absolute URL or a package name"],
    [
      "that throws",
      here("throwing.ts"),
      `threw: ${here("throwing.ts")} threw while loading: Error: the licence has expired`
    ],
    ["without the export", here("withoutExport.ts"), "noExport: the module has no export MSProviderInit"],
    ["whose export is none", here("wrongExport.ts"), "noExport: the module's export MSProviderInit is no function"],
    ["whose function throws", throwing, "threw: the module threw while loading: Error: no module today"],
    [
      "whose function rejects with no error",
      () => Promise.reject(Object.create(null)),
      "threw: the module threw while loading: {}"
    ],
    [
      "whose function brings nothing",
      () => Promise.resolve(undefined),
      "noExport: the module has no export MSProviderInit"
    ]
  ]
  it.effect.each(failures)("%s is LoadFailed, and says so", ([, from, wanted]) =>
    Effect.gen(function* () {
      const { load, story } = yield* open(fromModule("X.DLL", from))
      const error = yield* Effect.flip(Effect.scoped(load("x.dll")))
      assert.deepStrictEqual([reasonOf(error), error.subject, error.step], [wanted, "X.DLL", 2])
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL MAPI_E_CALL_FAILED"])
    })
  )

  it.effect("that is there, and imports what is not, has thrown", () =>
    Effect.gen(function* () {
      const { load } = yield* open(fromModule("X.DLL", here("importingMissing.ts")))
      const error = yield* Effect.flip(Effect.scoped(load("X.DLL")))
      assert.strictEqual(error.reason, "threw")
      assert.include(error.detail, "notThere.ts")
    })
  )

  it.effect("of a function, missing: what was not found is told as the runtime tells it", () =>
    Effect.gen(function* () {
      const { load } = yield* open(fromModule("X.DLL", () => import(here("notThere.ts"))))
      const error = yield* Effect.flip(Effect.scoped(load("X.DLL")))
      assert.match(reasonOf(error), /^missing: a module is missing: .*notThere\.ts/)
    })
  )

  // Here a test runner stands in for import(); there, nothing does.
  it("is judged alike by the runtime's own import()", () => {
    const program = fileURLToPath(here("loading.ts"))
    const args = "Deno" in globalThis ? ["run", "--allow-all", program] : [program]
    assert.deepStrictEqual(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })), {
      provider: "function",
      throwing: "threw",
      missing: "missing",
      "missing package": "missing",
      "without export": "noExport",
      "wrong export": "noExport",
      "importing what is missing": "threw",
      "syntax error": "threw",
      "by a function": "function",
      "by a function, missing": "missing"
    })
  })
})

describe("a registration of somebody's own", () => {
  const loads: ReadonlyArray<readonly [string, unknown, string]> = [
    ["fails as it may", Effect.fail(expired), "threw: expired"],
    ["dies", Effect.die(new Error("boom")), "threw: loading threw: Error: boom"],
    ["dies of what has no text", Effect.die(Object.create(null)), "threw: loading threw: {}"],
    [
      "fails with another error",
      Effect.fail(new NotFound({ subject: "X", detail: "gone", advice: "Look." })),
      "threw: loading threw: NotFound: X: gone. Look."
    ],
    ["is no Effect", Promise.resolve(fixture), "threw: its registration loads by no Effect"]
  ]
  it.effect.each(loads)("that %s is LoadFailed of step 2", ([, load, wanted]) =>
    Effect.gen(function* () {
      // Boundary: a registration in plain JavaScript.
      const registration = { dllFileName: "X.DLL", load } as Registration
      const { load: loading } = yield* open(registration)
      const error = yield* Effect.flip(Effect.scoped(loading("X.DLL")))
      assert.deepStrictEqual([reasonOf(error), error.step], [wanted, 2])
    })
  )

  it.effect("that interrupts itself interrupts nobody else", () =>
    Effect.gen(function* () {
      const { load } = yield* open({ dllFileName: "X.DLL", load: Effect.failCause(Cause.interrupt(1)) })
      const exit = yield* Effect.exit(Effect.scoped(load("X.DLL")))
      assert.isTrue(Exit.isFailure(exit) && Exit.hasFails(exit))
    })
  )
})

describe("loading", () => {
  it.effect("happens once, for one after another", () =>
    Effect.gen(function* () {
      const { loads, registration } = counting(Effect.succeed(fixture))
      const { story, use } = yield* open(registration)
      yield* (yield* use()).leave
      yield* (yield* use()).leave
      assert.deepStrictEqual([loads.count, yield* story], [1, ["LoadLibrary X.DLL S_OK"]])
    })
  )

  it.effect("and for many at once", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<ProviderModule>()
      const { loads, registration } = counting(Deferred.await(answer))
      const { story, use } = yield* open(registration)
      const users = yield* Effect.forEach(["X.DLL", "x.dll", "X.dll"], (dll) =>
        Effect.forkChild(use(dll), { startImmediately: true })
      )
      assert.deepStrictEqual([loads.count, yield* story], [1, []])
      yield* Deferred.succeed(answer, fixture)
      const modules = yield* Effect.forEach(users, Fiber.join)
      assert.isTrue(modules.every(({ module }) => module === fixture))
      assert.deepStrictEqual([loads.count, yield* story], [1, ["LoadLibrary X.DLL S_OK"]])
    })
  )

  it.effect("fails for all who waited, is forgotten, and tried again", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<ProviderModule, LoadFailed>()
      const { loads, registration } = counting(Deferred.await(answer), Effect.succeed(fixture))
      const { close, story, use } = yield* open(registration)
      const users = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(Effect.flip(use()), { startImmediately: true })
      )
      yield* Deferred.fail(answer, expired)
      assert.deepStrictEqual(yield* Effect.forEach(users, Fiber.join), [expired, expired])
      const { leave, module } = yield* use()
      assert.strictEqual(module, fixture)
      yield* close
      yield* leave
      assert.deepStrictEqual(
        [loads.count, yield* story],
        [2, ["LoadLibrary X.DLL MAPI_E_CALL_FAILED", "LoadLibrary X.DLL S_OK", "FreeLibrary X.DLL S_OK"]]
      )
    })
  )

  it.effect("belongs to the process: it is recorded by the registry, outside any session", () =>
    Effect.gen(function* () {
      const { events, load } = yield* open(inMemory("X.DLL", fixture))
      const session = { session: "IMAPISession#1", within: 7 }
      yield* Effect.provideService(Effect.scoped(load("X.DLL")), CallLog.Frame, session)
      const both = {
        session: null,
        callId: 1,
        within: null,
        step: 2,
        from: "MAPI",
        to: "provider",
        call: "LoadLibrary",
        object: null,
        dll: "X.DLL",
        returned: [],
        refs: []
      } as const
      assert.deepStrictEqual(yield* events, [
        { ...both, seq: 1, phase: "call" },
        { ...both, seq: 2, phase: "return", result: "S_OK" }
      ])
    })
  )
})

describe("freeing", () => {
  it.effect("waits for the registry's end, though nobody uses the DLL any more", () =>
    Effect.gen(function* () {
      const { close, story, use } = yield* open(inMemory("X.DLL", fixture), inMemory("Y.DLL", fixture))
      yield* (yield* use()).leave
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK"])
      yield* close
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK", "FreeLibrary X.DLL S_OK"])
    })
  )

  it.effect("waits for the last user, where he outlives the registry", () =>
    Effect.gen(function* () {
      const { close, story, use } = yield* open(inMemory("X.DLL", fixture))
      const [one, other] = [yield* use(), yield* use()]
      yield* close
      yield* one.leave
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK"])
      yield* other.leave
      yield* other.leave
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK", "FreeLibrary X.DLL S_OK"])
    })
  )

  it.effect("waits for who still waits for the load, and happens once", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<ProviderModule>()
      const { registration } = counting(Deferred.await(answer))
      const { close, story, use } = yield* open(registration)
      const waiting = yield* Effect.forkChild(use(), { startImmediately: true })
      yield* close
      yield* Deferred.succeed(answer, fixture)
      const { leave } = yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK"])
      yield* leave
      assert.deepStrictEqual(yield* story, ["LoadLibrary X.DLL S_OK", "FreeLibrary X.DLL S_OK"])
    })
  )

  it("comes once for a load, after its users, wherever their program is interrupted", () => {
    const outcomes = new Set<string>()
    const points = interruptedAtEachStep(() => {
      const story: Array<string> = []
      const say = (what: string) => Effect.sync(() => void story.push(what))
      const { recorder } = CallLog.makeRecorder(({ call, phase }) => {
        if (phase === "return") story.push(call)
      })
      const { registration } = counting(Effect.as(Effect.yieldNow, fixture))
      const use = ProviderRegistry.use(({ load }) => load("X.DLL")).pipe(
        Effect.andThen(Effect.addFinalizer(() => say("leaves"))),
        Effect.scoped
      )
      const program = Effect.all([use, use], { concurrency: "unbounded" }).pipe(
        Effect.provide(ProviderRegistry.layer([registration])),
        Effect.provideService(CallLog.CallLog, recorder)
      )
      return { program, check: () => outcomes.add(story.join(" ")) }
    })
    assert.isAbove(points, 50)
    assert.deepStrictEqual(
      outcomes,
      new Set([
        "",
        "LoadLibrary FreeLibrary",
        "LoadLibrary leaves FreeLibrary",
        "LoadLibrary leaves leaves FreeLibrary"
      ])
    )
  })
})
