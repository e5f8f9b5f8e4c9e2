import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { EntryId, type InMemory, MapiError, ProviderKit, ProviderRegistry } from "../src/index.ts"
import { callsOf, errorOf, play } from "./support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const
const uid = new Uint8Array(16)
const idOf = (last: number) =>
  Result.getOrThrow(
    Result.flatMap(EntryId.makePrivate(Uint8Array.of(...new Uint8Array(23), last)), (id) => EntryId.wrap("KIT.DLL", id))
  )
const entryId = idOf(0)

const content: ProviderKit.BackendStore = {
  displayName: "Kit",
  recordKey: uid,
  uid,
  granted: [],
  openEntry: () => Effect.fail(new MapiError.NotFound({ subject: "Kit", detail: "it is empty" }))
}

const backend = (changes: Partial<ProviderKit.Backend>) => ({
  registrations: [
    ProviderRegistry.inMemory(
      "KIT.DLL",
      ProviderKit.make({
        dllFileName: "KIT.DLL",
        providerDisplay: "Kit",
        mdbProvider: uid,
        compareStoreIds: () => Effect.succeed(true),
        open: () => Effect.succeed(content),
        ...changes
      })
    )
  ]
})

/** A backend's scope, told of in a list. */
const withScope = (story: Array<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => void story.push("opened")),
    () => Effect.sync(() => void story.push("closed"))
  )

describe("ProviderKit", () => {
  it.effect("two Logons at once make one store, though comparing it with those open takes its time", () =>
    Effect.gen(function* () {
      const setting = backend({
        compareStoreIds: (one, other) => Effect.as(Effect.yieldNow, one.bytes.at(-1) === other.bytes.at(-1)),
        open: () => Effect.as(Effect.yieldNow, content)
      })
      const { events } = yield* play({ ...quiet, ...setting }, ({ session }) =>
        Effect.gen(function* () {
          yield* session.openMsgStore({ entryId: idOf(1) })
          const open = session.openMsgStore({ entryId: idOf(2) })
          yield* Effect.all([open, open], { concurrency: "unbounded" })
        })
      )
      assert.strictEqual(callsOf(events, "new IMsgStore").length, 2)
    })
  )

  it.effect("the backend's scope closes with its store, before the support object is released", () =>
    Effect.gen(function* () {
      const story: Array<string> = []
      const setting = backend({ open: () => Effect.as(withScope(story), content) })
      yield* play({ ...quiet, ...setting }, (scene) =>
        Effect.gen(function* () {
          yield* Effect.scoped(scene.session.openMsgStore({ entryId }))
          const released = callsOf(yield* scene.events, "IMAPISupport::Release").filter(
            ({ from }) => from === "provider"
          )
          story.push(`${released.length} released`)
        })
      )
      assert.deepStrictEqual(story, ["opened", "closed", "1 released"])
    })
  )

  it.effect("the support object's Release is the last that the provider does for a store", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const scene: { events?: Effect.Effect<number> } = {}
      const close = Effect.suspend(() => scene.events ?? Effect.succeed(-1)).pipe(
        Effect.flatMap((releases) => Effect.sync(() => void seen.push(releases)))
      )
      const setting = backend({
        open: () =>
          Effect.as(
            Effect.acquireRelease(Effect.void, () => close),
            content
          )
      })
      yield* play({ ...quiet, ...setting }, ({ events, session }) =>
        Effect.gen(function* () {
          scene.events = Effect.map(
            events,
            (all) => callsOf(all, "IMAPISupport::Release").filter(({ from }) => from === "provider").length
          )
          yield* Effect.scoped(session.openMsgStore({ entryId }))
        })
      )
      assert.deepStrictEqual(seen, [0])
    })
  )

  it.effect("of a store that has closed nothing is asked that could fail another's open, and not for long", () =>
    Effect.gen(function* () {
      const nth = ({ bytes }: EntryId.Private) => bytes.at(-1) ?? 0
      const gone = new Set<number>()
      const asked: Array<ReadonlyArray<number>> = []
      const setting = backend({
        compareStoreIds: (one, other) => {
          asked.push([nth(one), nth(other)])
          const missing = [one, other].some((id) => gone.has(nth(id)))
          return missing
            ? Effect.fail(new MapiError.ProviderFailed({ subject: "Kit", detail: "no such file" }))
            : Effect.succeed(nth(one) === nth(other))
        }
      })
      yield* play({ ...quiet, ...setting }, ({ session }) =>
        Effect.forEach([1, 2, 3, 4], (n) =>
          Effect.gen(function* () {
            yield* Effect.scoped(session.openMsgStore({ entryId: idOf(n), flags: ["MDB_TEMPORARY"] }))
            gone.add(n)
          })
        )
      )
      // The session asks about each of its sections, the kit about the last store alone: the others are forgotten.
      const ofKit = asked.filter(([one, other], at) => asked.findIndex((it) => it[0] === one && it[1] === other) < at)
      assert.deepStrictEqual(ofKit, [
        [2, 1],
        [3, 2],
        [4, 3]
      ])
    })
  )

  it.effect("the backend's scope closes with an open that fails", () =>
    Effect.gen(function* () {
      const story: Array<string> = []
      const failure = new MapiError.FailOneProvider({ subject: "Kit", detail: "scripted" })
      const setting = backend({ open: () => Effect.andThen(withScope(story), Effect.fail(failure)) })
      yield* play({ ...quiet, ...setting }, ({ session }) => errorOf(session.openMsgStore({ entryId })))
      assert.deepStrictEqual(story, ["opened", "closed"])
    })
  )
})

describe("R3 R8 what a session keeps and forgets", () => {
  it.effect("the pair of step 9 is another if its logon is", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        spoolerLogon: (_, answer) => Effect.map(answer, ({ logon, store }) => ({ logon: { ...logon }, store }))
      }
      const { events } = yield* play({ script }, ({ open, session }) =>
        Effect.andThen(open("Inbox"), session.spoolerIdle)
      )
      assert.deepStrictEqual(
        events.flatMap(({ note }) => note ?? []),
        ["[S9] SpoolerLogon returned another pair than step 5"]
      )
    })
  )

  it.effect("a section of an open with MDB_TEMPORARY is forgotten at Logoff, that of another stays", () =>
    Effect.gen(function* () {
      const stores = [{ name: "Inbox" }, { name: "Archive" }]
      yield* play({ ...quiet, stores }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox", { flags: ["MDB_TEMPORARY"] })
          yield* open("Archive")
          const sections = session.profile.sectionsOf("MEMORY.DLL")
          assert.strictEqual((yield* sections).length, 2)
          yield* session.logoff
          const names = yield* Effect.forEach(yield* sections, ({ getProps }) => getProps)
          assert.deepStrictEqual(
            names.map(({ PR_DISPLAY_NAME }) => PR_DISPLAY_NAME),
            ["Archive"]
          )
        })
      )
    })
  )
})
