import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Redacted from "effect/Redacted"
import { Flags, MapiError, type StoreProvider } from "../../src/index.ts"
import * as Pst from "../../src/providers/Pst.ts"
import { bytesOf, describeSamples, fileOf, idOf, inMemory, linesOf, pathOf, play, readTree, told } from "./pst/stage.ts"

const ansi = "pstsdk-test_ansi"
const empty = "outlook-pst-rs-Empty"

interface Sample {
  readonly name: string
  readonly store: readonly [string, string]
  readonly password?: string
  readonly tree: ReadonlyArray<string>
}

/** What is in each sample: name and record key of the store, the folders with their counts and subjects. */
const samples: ReadonlyArray<Sample> = [
  {
    name: "hiraoka-alpha-beta-gamma-delta",
    store: ["alpha-beta-gamma-delta", "69ece7905c42d74e872d2db38fd54604"],
    tree: [
      "alpha-beta-gamma-delta (0)",
      "  Outlook データ ファイルのトップ (1) | Alpha",
      "    削除済みアイテム (0)",
      "  検索ルート (0)"
    ]
  },
  {
    name: empty,
    store: ["Empty", "5366e7dd900fb74db6e130cedf3bc077"],
    tree: [
      "Empty (0)",
      "  Top of Outlook data file (0)",
      "    Deleted Items (0)",
      "  Search Root (0)",
      "  IPM_COMMON_VIEWS (0)"
    ]
  },
  {
    name: "pstsdk-sample1",
    store: ["sample1", "6a552b813c43f94384f18b7da2393e95"],
    tree: [
      "sample1 (0)",
      "  Top of Outlook data file (0)",
      "    Deleted Items (0)",
      "    Sample1 (1) | Here is a sample message",
      "  Search Root (0)"
    ]
  },
  {
    name: ansi,
    store: ["Personal Folders", "c9b55ff84c3b00498f101c6a915f23df"],
    password: "test",
    tree: [
      "Personal Folders (0)",
      "  Top of Personal Folders (0)",
      "    Deleted Items (0)",
      "    Folder (1) | Post",
      "  Search Root (0)"
    ]
  },
  {
    name: "pstsdk-test_unicode",
    store: ["Personal Folders", "1793b4fae6de0b48bd87cd931dc47970"],
    password: "test",
    tree: [
      "Personal Folders (0)",
      "  Top of Personal Folders (1) | Test",
      "    Deleted Items (0)",
      "    Folder (1) | Post",
      "  Search Root (0)"
    ]
  }
]

const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? "" : Hex.encode(bytes))

describeSamples("Outlook's own files", () => {
  it.effect.each(samples)("$name opens through the nine steps, and shows its folder tree", (sample) =>
    Effect.gen(function* () {
      const pst = Pst.make()
      const path = pathOf(sample.name)
      const { events, value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const tree = yield* readTree(pst, path, sample.password)(session)
          const store = yield* session.openMsgStore({ entryId: idOf(pst, path) })
          const props = yield* store.getProps(["PR_DISPLAY_NAME", "PR_RECORD_KEY", "PR_STORE_SUPPORT_MASK"])
          return { props, tree }
        })
      )
      assert.deepStrictEqual(linesOf(value.tree), sample.tree)
      const { PR_DISPLAY_NAME, PR_RECORD_KEY, PR_STORE_SUPPORT_MASK } = value.props
      assert.deepStrictEqual([PR_DISPLAY_NAME ?? "", hex(PR_RECORD_KEY)], sample.store)
      assert.strictEqual(PR_STORE_SUPPORT_MASK, 3) // STORE_ENTRYID_UNIQUE, STORE_READONLY
      const steps = events.flatMap(({ step }) => (step === null ? [] : [step]))
      assert.deepStrictEqual([...new Set(steps)].toSorted(), [1, 2, 3, 4, 5, 6, 7, 8, 9])
    })
  )

  it.effect("folders and messages have ids of their own, under which they open", () =>
    Effect.gen(function* () {
      const pst = Pst.make()
      const rows = (table: ReadonlyArray<StoreProvider.Row>) =>
        table.map(({ PR_ENTRYID, ...row }) => ({ ...row, PR_ENTRYID: hex(PR_ENTRYID) }))
      yield* play(pst, (session) =>
        Effect.gen(function* () {
          const store = yield* session.openMsgStore({ entryId: idOf(pst, pathOf("pstsdk-sample1")) })
          const root = yield* store.openRootFolder
          const [top] = yield* root.getHierarchyTable
          const folder = yield* store.openEntry(top?.PR_ENTRYID ?? new Uint8Array())
          if (folder._tag === "Message") return assert.fail("a folder's id opened a message")
          const below = yield* folder.getHierarchyTable
          const key = "000000006a552b813c43f94384f18b7da2393e95"
          assert.deepStrictEqual(rows(below), [
            {
              PR_DISPLAY_NAME: "Deleted Items",
              PR_CONTENT_COUNT: 0,
              PR_SUBFOLDERS: false,
              PR_ENTRYID: `${key}62800000`
            },
            { PR_DISPLAY_NAME: "Sample1", PR_CONTENT_COUNT: 1, PR_SUBFOLDERS: false, PR_ENTRYID: `${key}82800000` }
          ])
          const sample = yield* store.openEntry(below[1]?.PR_ENTRYID ?? new Uint8Array())
          if (sample._tag === "Message") return assert.fail("a folder's id opened a message")
          const messages = yield* sample.getContentsTable
          const row = { PR_SUBJECT: "Here is a sample message", PR_ENTRYID: `${key}24002000` }
          assert.deepStrictEqual(
            rows(messages).map(({ PR_ENTRYID, PR_SUBJECT }) => ({ PR_SUBJECT, PR_ENTRYID })),
            [row]
          )
          const message = yield* store.openEntry(messages[0]?.PR_ENTRYID ?? new Uint8Array())
          assert.strictEqual(message._tag, "Message")
          assert.deepStrictEqual(rows([yield* message.getProps(["PR_SUBJECT", "PR_ENTRYID"])]), [row])
        })
      )
    })
  )

  it.effect("an id of another store, of no node, or of a table is NotFound", () =>
    Effect.gen(function* () {
      const pst = inMemory(fileOf(bytesOf("pstsdk-sample1")))
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const store = yield* session.openMsgStore({ entryId: idOf(pst, "a.pst") })
          const key = "000000006a552b813c43f94384f18b7da2393e95"
          const other = "0000000069ece7905c42d74e872d2db38fd54604"
          const ids = ["", key, `${other}22010000`, `${key}2f010000`, `${key}0d010000`, `${key}ffffffff`]
          return yield* Effect.forEach(ids, (id) =>
            Effect.fromResult(Hex.decode(id)).pipe(Effect.flatMap(store.openEntry), Effect.flip)
          )
        })
      )
      for (const error of value) {
        assert.deepInclude(error, { _tag: "NotFound", subject: "a.pst", detail: "no entry has this id" })
      }
    })
  )

  it.effect("MDB_WRITE is answered with success, and read-only", () =>
    Effect.gen(function* () {
      const pst = Pst.make()
      yield* play(pst, (session) =>
        Effect.gen(function* () {
          const store = yield* session.openMsgStore({ entryId: idOf(pst, pathOf(empty)), flags: ["MDB_WRITE"] })
          const { PR_STORE_SUPPORT_MASK } = yield* store.getProps(["PR_STORE_SUPPORT_MASK"])
          const granted = Flags.encode(Flags.StoreSupport, ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"])
          assert.strictEqual(PR_STORE_SUPPORT_MASK, granted)
        })
      )
    })
  )

  it.effect("two clients read it at once, and each gets the whole tree", () =>
    Effect.gen(function* () {
      const pst = Pst.make()
      const read = readTree(pst, pathOf("pstsdk-test_unicode"), "test")
      const { value } = yield* play(pst, (session) => Effect.all([read(session), read(session)], { concurrency: 2 }))
      const lines = value.map(linesOf)
      assert.deepStrictEqual(lines, [samples[4]?.tree, samples[4]?.tree])
    })
  )

  it.effect("a file is read where it is needed, and let go with its store", () =>
    Effect.gen(function* () {
      const bytes = bytesOf("pstsdk-sample1")
      const seen: Array<string> = []
      let read = 0
      const file = fileOf(bytes)
      const counting: Pst.PstFile = {
        ...file,
        read: (at, length) => file.read(at, length).finally(() => (read += length))
      }
      const pst = Pst.make({
        open: (path) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              seen.push(`open ${path}`)
              return counting
            }),
            () => Effect.sync(() => seen.push("close"))
          )
      })
      yield* play(pst, (session) =>
        Effect.gen(function* () {
          yield* Effect.scoped(session.openMsgStore({ entryId: idOf(pst, "a.pst") }))
          yield* session.spoolerIdle
          seen.push(`read ${read}`)
          yield* session.openMsgStore({ entryId: idOf(pst, "a.pst") })
        })
      )
      assert.deepStrictEqual(seen, ["open a.pst", "close", "read 10176", "open a.pst", "close"])
    })
  )
})

describeSamples("the password of a file", () => {
  const locked = samples.filter(({ password }) => password !== undefined)

  it.effect.each(locked)("$name: missing, wrong, then right in the same session", ({ name, tree }) =>
    Effect.gen(function* () {
      const pst = Pst.make()
      const path = pathOf(name)
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const missing = yield* Effect.flip(readTree(pst, path)(session))
          const wrong = yield* Effect.flip(readTree(pst, path, "Test")(session))
          return { missing, wrong, tree: yield* readTree(pst, path, "test")(session) }
        })
      )
      const refused = { _tag: "FailOneProvider", scode: "MAPI_E_FAILONEPROVIDER", subject: path, step: 4 }
      assert.deepStrictEqual(told(value.missing), { ...refused, detail: "it has a password, and none is given" })
      assert.deepStrictEqual(told(value.wrong), { ...refused, detail: "the password is wrong" })
      assert.deepStrictEqual(linesOf(value.tree), tree)
    })
  )

  // In memory, under a name that the password is no part of.
  const mail = () => inMemory(fileOf(bytesOf(ansi)))
  const never = { askPassword: () => assert.fail("asked, though the password is known") }

  it.effect("is in no event of the log", () =>
    Effect.gen(function* () {
      const pst = mail()
      const { events } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          yield* Effect.flip(readTree(pst, "mail.pst", "not-the-one")(session))
          yield* readTree(pst, "mail.pst", "test")(session)
        })
      )
      const log = JSON.stringify(events)
      assert.include(log, "FAILONEPROVIDER")
      for (const secret of ["test", "not-the-one", Hex.encode("test"), "f93a4250", "4181434640"]) {
        assert.notInclude(log, secret)
      }
    })
  )

  it.effect("is asked for once, where there is somebody to ask, and known from then on", () =>
    Effect.gen(function* () {
      const pst = mail()
      const asked: Array<string> = []
      const ui = {
        askPassword: (store: string) =>
          Effect.as(
            Effect.sync(() => asked.push(store)),
            Redacted.make("test")
          )
      }
      const { value } = yield* play(
        pst,
        (session) =>
          Effect.gen(function* () {
            yield* Effect.scoped(readTree(pst, "mail.pst")(session))
            return yield* readTree(pst, "mail.pst")(session)
          }),
        { ui }
      )
      assert.deepStrictEqual(asked, ["mail.pst"])
      assert.strictEqual(value.name, "Personal Folders")
    })
  )

  it.effect.each(["tset", "tes\u0174", ""])("a dialog answered with %j is UserCancel", (answer) =>
    Effect.gen(function* () {
      const pst = mail()
      const ui = { askPassword: () => Effect.succeed(Redacted.make(answer)) }
      const { value } = yield* play(pst, (session) => Effect.flip(readTree(pst, "mail.pst")(session)), { ui })
      assert.deepStrictEqual([value._tag, value.step], ["UserCancel", 4])
    })
  )

  it.effect("a dialog that is dismissed is UserCancel, and one that is forbidden is not shown", () =>
    Effect.gen(function* () {
      const pst = mail()
      const dismissed = new MapiError.UserCancel({ subject: "mail.pst", detail: "dismissed" })
      const { value } = yield* play(pst, (session) => Effect.flip(readTree(pst, "mail.pst")(session)), {
        ui: { askPassword: () => Effect.fail(dismissed) }
      })
      assert.deepInclude(told(value), { _tag: "UserCancel", detail: "dismissed" })
      const silent = yield* play(
        pst,
        (session) => Effect.flip(session.openMsgStore({ entryId: idOf(pst, "mail.pst"), flags: ["MDB_NO_DIALOG"] })),
        { ui: never }
      )
      assert.strictEqual(silent.value._tag, "FailOneProvider")
    })
  )

  it.effect("a file without one asks for none", () =>
    Effect.gen(function* () {
      const pst = inMemory(fileOf(bytesOf(empty)))
      yield* play(pst, readTree(pst, "a.pst", "whatever"), { ui: never })
    })
  )
})

describe("the parser's package", () => {
  it.effect("where it is not installed, the error says what to install", () =>
    Effect.gen(function* () {
      vi.doMock("@hiraokahypertools/pst-extractor", () => {
        throw new Error("Cannot find package")
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.doUnmock("@hiraokahypertools/pst-extractor")))
      const pst = inMemory(fileOf(new Uint8Array(2048)))
      const { value } = yield* play(pst, (session) => Effect.flip(readTree(pst, "a.pst")(session)))
      assert.strictEqual(value._tag, "ProviderFailed")
      assert.strictEqual(value.subject, "@hiraokahypertools/pst-extractor")
      assert.strictEqual(value.advice, "Install it: npm install @hiraokahypertools/pst-extractor")
    })
  )
})
