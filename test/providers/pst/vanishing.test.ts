/** Files that go wrong while their store is open, or that are hard to tell apart: one store's trouble is no other's. */
import * as nodeFs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type CallLog, MsgStore } from "../../../src/index.ts"
import * as Pst from "../../../src/providers/Pst.ts"
import { bytesOf, describeSamples, fileOf, linesOf, openStore, pathOf, play, told } from "./stage.ts"

const sample = "pstsdk-sample1"
const tree = [
  "sample1 (0)",
  "  Top of Outlook data file (0)",
  "    Deleted Items (0)",
  "    Sample1 (1) | Here is a sample message",
  "  Search Root (0)"
]

const folder = Effect.acquireRelease(
  Effect.sync(() => nodeFs.mkdtempSync(join(tmpdir(), "mail-"))),
  (made) => Effect.sync(() => nodeFs.rmSync(made, { recursive: true }))
)

/** Copies of the sample, each under its own name. */
const copies = (...names: ReadonlyArray<string>) =>
  Effect.map(folder, (made) =>
    names.map((name) => {
      const path = join(made, name)
      nodeFs.copyFileSync(pathOf(sample), path)
      nodeFs.chmodSync(path, 0o600)
      return path
    })
  )

/** How often each of these calls was begun. */
const counts = (events: ReadonlyArray<CallLog.Event>, calls: ReadonlyArray<string>) =>
  calls.map((name) => events.filter(({ call, phase }) => call === name && phase === "call").length)

describeSamples("a file that goes wrong while its store is open", () => {
  it.effect(
    "cut short: typed, by name; the other store and the session go on, and it opens again when it is whole",
    () =>
      Effect.gen(function* () {
        const [bad = "", good = ""] = yield* copies("bad.pst", "good.pst")
        const pst = Pst.make()
        const { events, value } = yield* play(pst, (session) =>
          Effect.gen(function* () {
            const other = yield* openStore(pst, good)(session)
            const error = yield* Effect.scoped(
              Effect.gen(function* () {
                const store = yield* openStore(pst, bad)(session)
                nodeFs.truncateSync(bad, 4096)
                const error = yield* Effect.flip(MsgStore.folderTree(store))
                const { PR_DISPLAY_NAME } = yield* store.getProps(["PR_DISPLAY_NAME"])
                assert.strictEqual(PR_DISPLAY_NAME, "sample1", "what is known without the file is still answered")
                return error
              })
            )
            nodeFs.writeFileSync(bad, bytesOf(sample))
            const again = yield* openStore(pst, bad)(session)
            // The failed Logon ends all further ones [R4]; stores that are open go on.
            const refused = yield* Effect.flip(openStore(pst, `${bad}.gone`)(session))
            return {
              error,
              refused,
              again: yield* MsgStore.folderTree(again),
              other: yield* MsgStore.folderTree(other)
            }
          })
        )
        assert.deepStrictEqual(told(value.error), {
          _tag: "ProviderFailed",
          scode: "MAPI_E_CORRUPT_STORE",
          subject: bad,
          detail: "it has become shorter since it was opened",
          step: null
        })
        assert.deepInclude(told(value.refused), { _tag: "NotFound", subject: `${bad}.gone`, step: 4 })
        assert.deepStrictEqual([linesOf(value.again), linesOf(value.other)], [tree, tree])
        assert.deepStrictEqual(counts(events, ["MSProviderInit", "IMSProvider::Logon"]), [1, 4])
      })
  )

  it.effect("removed: an open file still reads where the system lets it, and is NotFound from then on", () =>
    Effect.gen(function* () {
      const [path = ""] = yield* copies("gone.pst")
      const pst = Pst.make()
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const lines = yield* Effect.scoped(
            Effect.gen(function* () {
              const store = yield* openStore(pst, path)(session)
              nodeFs.unlinkSync(path)
              return linesOf(yield* MsgStore.folderTree(store))
            })
          )
          return { lines, error: yield* Effect.flip(openStore(pst, path)(session)) }
        })
      )
      assert.deepStrictEqual(value.lines, tree)
      assert.deepInclude(told(value.error), { _tag: "NotFound", subject: path, detail: "there is no such file" })
    })
  )

  it.effect.each([
    ["rejects with ENOENT", () => Promise.reject({ code: "ENOENT" }), "NotFound", "there is no such file"],
    [
      "rejects with EIO",
      () => Promise.reject(new Error("EIO: i/o error, read")),
      "ProviderFailed",
      "it cannot be read: EIO: i/o error, read"
    ],
    [
      "throws",
      () => {
        throw new TypeError("the tab is gone")
      },
      "ProviderFailed",
      "it cannot be read: TypeError: the tab is gone"
    ],
    [
      "finds nothing",
      () => Promise.resolve(new Uint8Array()),
      "ProviderFailed",
      "it has become shorter since it was opened"
    ]
  ] as const)("its read %s: typed, by name, and the other store goes on", ([, broken, _tag, detail]) =>
    Effect.gen(function* () {
      const sound = fileOf(bytesOf(sample))
      let isBroken = false
      const bad: Pst.PstFile = { ...sound, read: (at, length) => (isBroken ? broken() : sound.read(at, length)) }
      const closed: Array<string> = []
      const pst = Pst.make({
        open: (path) =>
          Effect.acquireRelease(Effect.succeed(path === "bad.pst" ? bad : sound), () =>
            Effect.sync(() => closed.push(path))
          )
      })
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const store = yield* openStore(pst, "bad.pst")(session)
          const other = yield* openStore(pst, "good.pst")(session)
          isBroken = true
          const error = yield* Effect.flip(MsgStore.folderTree(store))
          const refused = yield* Effect.flip(store.openEntry(new Uint8Array(24)))
          return { error, refused, other: linesOf(yield* MsgStore.folderTree(other)) }
        })
      )
      assert.deepInclude(told(value.error), { _tag, detail, subject: "bad.pst", step: null })
      assert.strictEqual(value.refused._tag, "NotFound", "a question that needs no read is answered as ever")
      assert.deepStrictEqual(value.other, tree)
      assert.deepStrictEqual(closed.toSorted(), ["bad.pst", "good.pst"])
    })
  )
})

describeSamples("two files with one record key", () => {
  it.effect("are two stores: two logons, two of everything, and one provider", () =>
    Effect.gen(function* () {
      const [one = "", two = ""] = yield* copies("one.pst", "two.pst")
      const pst = Pst.make()
      const { events, value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const stores = [yield* openStore(pst, one)(session), yield* openStore(pst, two)(session)]
          return yield* Effect.forEach(stores, (store) =>
            Effect.gen(function* () {
              const { PR_RECORD_KEY } = yield* store.getProps(["PR_RECORD_KEY"])
              return { id: store.id, key: PR_RECORD_KEY, lines: linesOf(yield* MsgStore.folderTree(store)) }
            })
          )
        })
      )
      const [first, second] = value
      assert.deepStrictEqual(first?.key, second?.key)
      assert.deepStrictEqual([first?.lines, second?.lines], [tree, tree])
      assert.notStrictEqual(first?.id, second?.id)
      const calls = [
        "MSProviderInit",
        "IMSProvider::Logon",
        "new IMSLogon",
        "new IMsgStore",
        "IMSProvider::SpoolerLogon"
      ]
      assert.deepStrictEqual(counts(events, calls), [1, 2, 2, 2, 2])
    })
  )
})

describeSamples("bytes that come from no file system", () => {
  it.effect("open where there is no node:fs/promises", () =>
    Effect.gen(function* () {
      vi.doMock("node:fs/promises", () => {
        throw new Error("no file system here")
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.doUnmock("node:fs/promises")))
      const bytes = bytesOf(sample)
      const pst = Pst.make({ open: () => Effect.succeed(fileOf(bytes)) })
      const { value } = yield* play(pst, (session) =>
        Effect.map(Effect.flatMap(openStore(pst, "dropped here.pst")(session), MsgStore.folderTree), linesOf)
      )
      assert.deepStrictEqual(value, tree)
      const byPath = Pst.make()
      const refused = yield* play(byPath, (session) => Effect.flip(openStore(byPath, pathOf(sample))(session)))
      assert.deepInclude(told(refused.value), {
        _tag: "ProviderFailed",
        subject: "node:fs/promises",
        detail: "files cannot be opened by path here"
      })
    })
  )
})
