import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { CallLog, InMemory, Laws, MapiSession, ProviderRegistry } from "../src/index.ts"
import * as Example from "../src/laws/Example.ts"
import { NetAddRef } from "../src/laws/NetAddRef.ts"
import { callsOf, play } from "./support/scene.ts"

/** A provider that keeps one reference more of its support object than it may, and never gives it back. */
const greedy: InMemory.Script = {
  logon: ({ support }, answer) => Effect.andThen(Effect.orDie(support.addRef), answer)
}

/** Opens and closes a store under a judge; answers what it reports, in order, and how the session fared. */
const judged = (script: InMemory.Script, onBroken: (name: string) => Effect.Effect<void> = () => Effect.void) =>
  Effect.gen(function* () {
    const reports: Array<string> = []
    const memory = InMemory.make({ stores: [{ name: "Inbox" }], script })
    const judge = Laws.layerJudge(({ event, law, subject }) =>
      Effect.andThen(
        Effect.sync(() => void reports.push(`${law.name} of ${subject} at ${event.call}`)),
        onBroken(law.name)
      )
    )
    const stage = MapiSession.MapiSession.layer.pipe(
      Layer.provide(ProviderRegistry.ProviderRegistry.layer([memory.registration])),
      Layer.provide(judge)
    )
    const opening = Effect.gen(function* () {
      const entryId = yield* Effect.fromResult(memory.entryId("Inbox"))
      const store = yield* MapiSession.openMsgStore({ entryId })
      const name = yield* store.getProps(["PR_DISPLAY_NAME"])
      yield* Effect.yieldNow
      return [store.id, name.PR_DISPLAY_NAME, reports.length > 0]
    })
    const value = yield* Effect.provide(Effect.scoped(opening), stage)
    return { value, reports }
  })

const first = "NetAddRef of logon 6 at IMSProvider::Logon"

describe("a session under a judge", () => {
  it.effect("that keeps the laws hears nothing, and its objects have names", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* judged({}), { value: ["IMsgStore#1", "Inbox", false], reports: [] })
    })
  )

  it.effect("that breaks one hears of it while it runs, once", () =>
    Effect.gen(function* () {
      const { reports, value } = yield* judged(greedy)
      assert.deepStrictEqual(value, ["IMsgStore#1", "Inbox", true])
      assert.deepStrictEqual(
        reports.filter((report) => report.startsWith("NetAddRef")),
        [first]
      )
    })
  )

  it.effect.each([
    ["fails", Effect.orDie(Effect.fail("handler"))],
    ["throws", Effect.suspend((): Effect.Effect<void> => assert.fail("handler"))],
    ["interrupts itself", Effect.interrupt]
  ] as const)("goes on if the handler %s, and the handler hears of the next breach", ([, handling]) =>
    Effect.gen(function* () {
      const quiet = yield* judged(greedy)
      assert.deepStrictEqual(yield* judged(greedy, () => handling), quiet)
    })
  )

  it.effect("leaves the log as it was: another recorder hears what it would have heard", () =>
    Effect.gen(function* () {
      const body = (scene: Parameters<Parameters<typeof play>[1]>[0]) => scene.open("Inbox")
      const { events } = yield* play({}, body)
      const { events: kept, recorder } = CallLog.makeRecorder()
      const heard: Array<CallLog.Event> = []
      const overheard = CallLog.overheard(recorder, (event) => void heard.push(event))
      for (const event of events) overheard.record(event)
      assert.deepStrictEqual([yield* kept, heard], [events, events])
      assert.strictEqual(callsOf(events, "IMSProvider::Logon").length, 1)
    })
  )
})

describe("Laws.judge", () => {
  const [bad, good] = [NetAddRef.bad, NetAddRef.good].map((events) =>
    Laws.judge(Stream.fromIterable(events), { sees: ["*"] })
  )

  it.effect("says of each law whether it holds, in the order of the page", () =>
    Effect.gen(function* () {
      const verdicts = yield* good ?? Effect.succeed([])
      assert.deepStrictEqual(
        verdicts.map(({ law }) => law.name),
        Laws.all.map(({ name }) => name)
      )
      assert.strictEqual(verdicts.find(({ law }) => law === NetAddRef)?._tag, "Holds")
    })
  )

  it.effect("names the first event that breaks one, and what was expected", () =>
    Effect.gen(function* () {
      const verdicts = yield* bad ?? Effect.succeed([])
      const broken = verdicts.flatMap((verdict) => (verdict._tag === "Broken" ? [verdict] : []))
      assert.deepStrictEqual(
        broken.map(({ first: { event, expected }, law, subjects }) => [law.name, event.seq, expected, subjects]),
        [["NetAddRef", 12, "0 reference of the provider on IMAPISupport#2, for no new logon; it has 1", 1]]
      )
    })
  )

  it.effect("reads a trace, line by line, and says what does not fit", () =>
    Effect.gen(function* () {
      const lines = [...NetAddRef.bad.map((event) => JSON.stringify(event)), "no event"].join("\n")
      const heard: Array<string> = []
      const bytes = Stream.make(new TextEncoder().encode(lines))
      const { events, misfits, verdicts } = yield* Laws.judgeTrace(bytes, ({ _tag }) => void heard.push(_tag))
      assert.deepStrictEqual([events, misfits, heard.at(-1)], [NetAddRef.bad.length, 1, "Misfit"])
      assert.strictEqual(verdicts.find(({ law }) => law === NetAddRef)?._tag, "Broken")
    })
  )

  it.effect("fails as its log does", () =>
    Effect.gen(function* () {
      const cut = Stream.concat(Stream.fromIterable(Example.log({ call: "LoadLibrary" })), Stream.fail("cut off"))
      assert.strictEqual(yield* Effect.flip(Laws.judge(cut)), "cut off")
    })
  )
})
