import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { MapiSession } from "../src/index.ts"
import { type MapiError, MsgStore } from "../src/index.ts"
import { callsOf, play, type Scene } from "./support/scene.ts"

class Inbox extends MsgStore.Key<Inbox>()("Inbox") {}
class Archive extends MsgStore.Key<Archive>()("Archive") {}

const stores = [
  { name: "Inbox", folders: [{ name: "Top", messages: ["First", "Second"], folders: [{ name: "Below" }] }] },
  { name: "Archive" }
]
const nameOfInbox = Effect.flatMap(Inbox, (inbox) => inbox.getProps(["PR_DISPLAY_NAME"]))
const nameOfArchive = Effect.flatMap(Archive, (archive) => archive.getProps(["PR_DISPLAY_NAME"]))

const scene = <A, E>(body: (scene: Scene) => Effect.Effect<A, E, Scope.Scope | MapiSession.MapiSession>) =>
  play({ stores, session: { flags: ["MAPI_NO_MAIL"] } }, body)

describe("a scoped handle", () => {
  it.effect("answers with what there is of what was asked", () =>
    scene(({ open }) =>
      Effect.gen(function* () {
        const store = yield* open("Inbox")
        const props = yield* store.getProps(["PR_DISPLAY_NAME", "PR_OBJECT_TYPE", "PR_SUBJECT"])
        assert.deepStrictEqual(props, { PR_DISPLAY_NAME: "Inbox", PR_OBJECT_TYPE: 1 })
      })
    )
  )

  it.effect("opens folders and messages below the root, each released with its own scope", () =>
    Effect.gen(function* () {
      const { events } = yield* scene(({ open }) =>
        Effect.gen(function* () {
          const store = yield* open("Inbox")
          const subject = yield* Effect.scoped(
            Effect.gen(function* () {
              const [top] = yield* (yield* store.openRootFolder).getHierarchyTable
              const folder = yield* store.openEntry(top?.PR_ENTRYID ?? new Uint8Array())
              const [, second] = folder._tag === "Folder" ? yield* folder.getContentsTable : []
              const message = yield* store.openEntry(second?.PR_ENTRYID ?? new Uint8Array())
              return yield* message.getProps(["PR_SUBJECT"])
            })
          )
          assert.deepStrictEqual(subject, { PR_SUBJECT: "Second" })
        })
      )
      assert.strictEqual(callsOf(events, "IMAPIFolder::Release").length, 2)
      assert.strictEqual(callsOf(events, "IMessage::Release").length, 1)
    })
  )

  it.effect("reads as a tree of plain data", () =>
    scene(({ open }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* MsgStore.folderTree(yield* open("Inbox")), {
          name: "Inbox",
          count: 0,
          subjects: [],
          folders: [
            {
              name: "Top",
              count: 2,
              subjects: ["First", "Second"],
              folders: [{ name: "Below", count: 0, subjects: [], folders: [] }]
            }
          ]
        })
      })
    )
  )

  it.effect("an id of nothing is NotFound", () =>
    scene(({ open }) =>
      Effect.gen(function* () {
        const store = yield* open("Inbox")
        const error = yield* Effect.flip(Effect.scoped(store.openEntry(new TextEncoder().encode("9.9"))))
        assert.deepInclude(error, { _tag: "NotFound", scode: 0x8004010f })
      })
    )
  )

  it.effect("after its scope it answers InvalidObject, without a call", () =>
    Effect.gen(function* () {
      const { events } = yield* scene(({ open }) =>
        Effect.gen(function* () {
          const store = yield* Effect.scoped(open("Inbox"))
          yield* open("Inbox")
          assert.strictEqual((yield* Effect.flip(store.getProps(["PR_SUBJECT"])))._tag, "InvalidObject")
        })
      )
      assert.strictEqual(callsOf(events, "IMsgStore::GetProps").length, 0)
    })
  )
})

describe("a region", () => {
  it.effect("opens the store, and closes it with the effect", () =>
    scene(({ id }) =>
      Effect.gen(function* () {
        const name = yield* nameOfInbox.pipe(MsgStore.opening(Inbox, { entryId: id("Inbox") }))
        assert.deepStrictEqual(name, { PR_DISPLAY_NAME: "Inbox" })
      })
    )
  )

  it.effect("nested regions discharge one key at a time", () =>
    scene(({ id }) =>
      Effect.gen(function* () {
        const names = yield* Effect.all([nameOfInbox, nameOfArchive]).pipe(
          MsgStore.opening(Inbox, { entryId: id("Inbox") }),
          MsgStore.opening(Archive, { entryId: id("Archive") })
        )
        assert.deepStrictEqual(names, [{ PR_DISPLAY_NAME: "Inbox" }, { PR_DISPLAY_NAME: "Archive" }])
      })
    )
  )

  it.effect("a finaliser of the body still has the store", () =>
    scene(({ id }) =>
      Effect.gen(function* () {
        const seen: Array<unknown> = []
        const last = Effect.ignore(Effect.map(nameOfInbox, (name) => void seen.push(name)))
        yield* Effect.addFinalizer(() => last).pipe(MsgStore.opening(Inbox, { entryId: id("Inbox") }))
        assert.deepStrictEqual(seen, [{ PR_DISPLAY_NAME: "Inbox" }])
      })
    )
  )

  it.effect("a failure to open is the region's", () =>
    scene(({ id }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(nameOfInbox.pipe(MsgStore.opening(Inbox, { entryId: id("Nowhere") })))
        assert.strictEqual(error._tag, "NotFound")
      })
    )
  )
})

describe("the holes that the types leave are caught at run time", () => {
  const isInvalid = <A>(program: Effect.Effect<A, MapiError.MapiError, MapiSession.MapiSession>) =>
    Effect.map(Effect.flip(program), (error) => assert.strictEqual(error._tag, "InvalidObject"))

  it.effect("the same key opened again", () =>
    scene(({ id }) => {
      const opening = MsgStore.opening(Inbox, { entryId: id("Inbox") })
      return isInvalid(
        Inbox.pipe(
          opening,
          Effect.flatMap((stale) => stale.getProps(["PR_SUBJECT"]).pipe(opening))
        )
      )
    })
  )

  it.effect("a detached fork", () => {
    const closed = Deferred.makeUnsafe<void>()
    return scene(({ id }) =>
      isInvalid(
        Effect.flatMap(Inbox, (inbox) =>
          Effect.forkDetach(Effect.andThen(Deferred.await(closed), inbox.getProps(["PR_SUBJECT"])))
        ).pipe(
          MsgStore.opening(Inbox, { entryId: id("Inbox") }),
          Effect.tap(() => Deferred.succeed(closed, undefined)),
          Effect.flatMap(Fiber.join)
        )
      )
    )
  })

  it.effect("a captured context", () =>
    scene(({ id }) =>
      isInvalid(
        Effect.flatMap(Effect.context<Inbox>(), (context) =>
          Effect.map(Inbox, (inbox) => Effect.provideContext(inbox.getProps(["PR_SUBJECT"]), context))
        ).pipe(MsgStore.opening(Inbox, { entryId: id("Inbox") }), Effect.flatten)
      )
    )
  )

  it.effect("a handle provided by hand", () =>
    scene(({ id }) =>
      isInvalid(
        Inbox.pipe(
          MsgStore.opening(Inbox, { entryId: id("Inbox") }),
          Effect.flatMap((inbox) => Effect.provideService(inbox.getProps(["PR_SUBJECT"]), Inbox, inbox))
        )
      )
    )
  )
})
