/** Stores in files: written, opened through a session, refused. Each scenario ends with every count at zero. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { EntryId, Flags, type MsgStore } from "../../src/index.ts"
import { UserCancel } from "../../src/MapiError.ts"
import * as Sqlite from "../../src/providers/Sqlite.ts"
import { callsOf } from "../support/scene.ts"
import {
  connected,
  damaged,
  entryId,
  foreignId,
  idOf,
  newPath,
  opening,
  outcome,
  playing,
  type Session,
  spec,
  treeOf,
  verdict,
  written
} from "../support/sqliteStore.ts"

const maskOf = (store: MsgStore.MsgStore) =>
  Effect.map(store.getProps(["PR_STORE_SUPPORT_MASK"]), ({ PR_STORE_SUPPORT_MASK = 0 }) =>
    Result.getOrThrow(Flags.decode(Flags.StoreSupport, PR_STORE_SUPPORT_MASK))
  )

const reading = ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"]
const writing = ["STORE_ENTRYID_UNIQUE", "STORE_MODIFY_OK", "STORE_CREATE_OK"]

describe("a store in a file", () => {
  it.effect("what was written is there when it is opened, and when it is opened again", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const tree = (session: Session) => Effect.scoped(Effect.flatMap(opening(session, file), treeOf))
      const { events, exit } = yield* playing((session) => Effect.all([tree(session), tree(session)]))
      assert.deepStrictEqual(verdict(exit), [spec, spec])
      assert.strictEqual(callsOf(events, "new IMsgStore").length, 2)
      assert.deepStrictEqual(yield* outcome(file), spec)
      assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), [path.basename(file)])
    })
  )

  it.effect("a store, its folders and its messages say what they are", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const { exit } = yield* playing(
        Effect.fnUntraced(function* (session) {
          const store = yield* opening(session, file)
          const props = yield* store.getProps(["PR_DISPLAY_NAME", "PR_PROVIDER_DISPLAY", "PR_ENTRYID"])
          const { PR_RECORD_KEY } = yield* store.getProps(["PR_RECORD_KEY"])
          const [inbox] = yield* (yield* store.openRootFolder).getHierarchyTable
          const folder = yield* store.openEntry(inbox?.PR_ENTRYID ?? new Uint8Array())
          const rows = folder._tag === "Folder" ? yield* folder.getContentsTable : []
          const message = yield* store.openEntry(rows[1]?.PR_ENTRYID ?? new Uint8Array())
          const subject = yield* message.getProps(["PR_SUBJECT", "PR_ENTRYID", "PR_DISPLAY_NAME"])
          return { props, key: PR_RECORD_KEY?.length, inbox, subject }
        })
      )
      assert.deepStrictEqual(verdict(exit), {
        props: {
          PR_DISPLAY_NAME: "Projects",
          PR_PROVIDER_DISPLAY: "SQLite message store",
          PR_ENTRYID: idOf(file).bytes
        },
        key: 16,
        inbox: {
          PR_ENTRYID: Uint8Array.of(0x46, 0, 0, 0, 2),
          PR_DISPLAY_NAME: "Inbox",
          PR_CONTENT_COUNT: 3,
          PR_SUBFOLDERS: true
        },
        subject: { PR_SUBJECT: "Re: Hello", PR_ENTRYID: Uint8Array.of(0x4d, 0, 0, 0, 2) }
      })
    })
  )

  it.effect.each([
    ["no id of this store", Uint8Array.of(1, 2, 3)],
    ["a folder that is not there", Uint8Array.of(0x46, 0, 0, 0, 99)],
    ["a message that is not there", Uint8Array.of(0x4d, 0xff, 0xff, 0xff, 0xff)],
    ["nothing", new Uint8Array()]
  ] as const)("an entry that is %s is not found", ([, id]) =>
    Effect.gen(function* () {
      const file = yield* written()
      const { exit } = yield* playing((session) =>
        Effect.flatMap(opening(session, file), (store) => store.openEntry(id))
      )
      assert.strictEqual(verdict(exit), "NotFound MAPI_E_NOT_FOUND")
    })
  )

  it.effect("a file that is there is not overwritten; what cannot be written leaves nothing behind", () =>
    Effect.gen(function* () {
      const file = yield* newPath()
      const at = path.dirname(file)
      fs.writeFileSync(file, "precious")
      fs.symlinkSync(path.join(at, "nowhere"), path.join(at, "link"))
      const tried = yield* Effect.forEach(
        [
          Sqlite.create(file, spec),
          Sqlite.create(path.join(at, "link"), spec),
          Sqlite.create(path.join(at, "no folder", "x"), spec),
          Sqlite.create(path.join(file, "x"), spec),
          Sqlite.create(path.join(at, "a\0b"), spec),
          Sqlite.create(path.join(at, "x"), { name: "x", folders: [{ name: null as unknown as string }] })
        ],
        (creating) => Effect.map(Effect.exit(creating), verdict)
      )
      assert.deepStrictEqual(tried, [
        "InvalidParameter MAPI_E_INVALID_PARAMETER",
        "InvalidParameter MAPI_E_INVALID_PARAMETER",
        "NotFound MAPI_E_NOT_FOUND",
        "NotFound MAPI_E_NOT_FOUND",
        "InvalidParameter MAPI_E_INVALID_PARAMETER",
        "InvalidParameter MAPI_E_INVALID_PARAMETER"
      ])
      assert.strictEqual(fs.readFileSync(file, "utf8"), "precious")
      assert.deepStrictEqual(fs.readdirSync(at).sort(), ["link", path.basename(file)])
    })
  )
})

describe("a store with a password", () => {
  const right = Redacted.make("correct horse battery staple")
  const wrong = Redacted.make("incorrect donkey")

  it.effect("missing and wrong are FailOneProvider, and the right one opens it in the same session", () =>
    Effect.gen(function* () {
      const file = yield* written({ password: right })
      const { events, exit } = yield* playing((session) => {
        const opened = Effect.map(Effect.exit(Effect.scoped(Effect.flatMap(opening(session, file), treeOf))), verdict)
        const set = (password: Redacted.Redacted) => session.profile.setPassword(idOf(file), password)
        return Effect.all([opened, set(wrong), opened, set(right), opened])
      })
      const refused = "FailOneProvider MAPI_E_FAILONEPROVIDER"
      assert.deepStrictEqual(verdict(exit), [refused, undefined, refused, undefined, spec])
      for (const secret of [right, wrong]) {
        assert.notInclude(JSON.stringify(events), Redacted.value(secret))
        assert.notInclude(fs.readFileSync(file, "latin1"), Redacted.value(secret))
      }
    })
  )

  it.effect("a user is asked once: the right answer opens, and opens next time unasked", () =>
    Effect.gen(function* () {
      const file = yield* written({ password: right })
      const asked: Array<string> = []
      const ui = {
        askPassword: (store: string) =>
          Effect.as(
            Effect.sync(() => asked.push(store)),
            right
          )
      }
      const twice = (session: Session) => {
        const tree = Effect.scoped(Effect.flatMap(opening(session, file), treeOf))
        return Effect.all([tree, tree])
      }
      const { exit } = yield* playing(twice, { ui })
      assert.deepStrictEqual(verdict(exit), [spec, spec])
      assert.deepStrictEqual(asked, [file])
    })
  )

  it.effect("a dialog dismissed, or answered wrongly, is UserCancel; forbidden, it is FailOneProvider", () =>
    Effect.gen(function* () {
      const file = yield* written({ password: right })
      const dismissed = new UserCancel({ subject: "dialog", detail: "dismissed" })
      const played = (answer: Effect.Effect<Redacted.Redacted, UserCancel>, flags: ReadonlyArray<Flags.Open> = []) =>
        Effect.map(
          playing((session) => opening(session, file, { flags }), { ui: { askPassword: () => answer } }),
          ({ exit }) => verdict(exit)
        )
      assert.deepStrictEqual(
        yield* Effect.all([
          played(Effect.fail(dismissed)),
          played(Effect.succeed(wrong)),
          played(Effect.succeed(right), ["MDB_NO_DIALOG"])
        ]),
        ["UserCancel MAPI_E_USER_CANCEL", "UserCancel MAPI_E_USER_CANCEL", "FailOneProvider MAPI_E_FAILONEPROVIDER"]
      )
    })
  )
})

describe("access to a store in a file", () => {
  const maskWith = (file: string, ...flags: ReadonlyArray<Flags.Open>) =>
    Effect.map(
      playing((session) => Effect.flatMap(opening(session, file, { flags }), maskOf)),
      ({ exit }) => verdict(exit)
    )

  it.effect("[R15] reading is what is granted; writing, where it is asked for", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const before = fs.readFileSync(file)
      assert.deepStrictEqual(yield* maskWith(file), reading)
      assert.deepStrictEqual(yield* maskWith(file, "MDB_WRITE"), writing)
      assert.deepStrictEqual(yield* maskWith(file, "MAPI_BEST_ACCESS"), writing)
      assert.isTrue(before.equals(fs.readFileSync(file)))
    })
  )

  it.effect("[R15] a store in a format that is only to be read is opened for reading, whatever is asked", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const bytes = fs.readFileSync(file)
      bytes[18] = 3 // SQLite's "write version": newer ones are read and not written
      fs.writeFileSync(file, bytes)
      assert.deepStrictEqual(yield* maskWith(file, "MDB_WRITE"), reading)
      assert.deepStrictEqual(yield* outcome(file, { flags: ["MAPI_BEST_ACCESS"] }), spec)
    })
  )

  // The superuser may do anything with any file.
  const isRoot = process.getuid === undefined || process.getuid() === 0
  it.effect.skipIf(isRoot)("[R15] so is a file without permission to write it, or in such a folder (not as root)", () =>
    Effect.gen(function* () {
      const file = yield* written()
      fs.chmodSync(file, 0o444)
      assert.deepStrictEqual(yield* maskWith(file, "MDB_WRITE"), reading)
      fs.chmodSync(file, 0o644)
      fs.chmodSync(path.dirname(file), 0o555)
      assert.deepStrictEqual(yield* maskWith(file, "MDB_WRITE"), reading)
      fs.chmodSync(path.dirname(file), 0o755)
    })
  )

  it.effect.skipIf(isRoot)("what may not even be read is NoAccess (not as root)", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const at = path.dirname(file)
      fs.chmodSync(file, 0)
      assert.strictEqual(yield* outcome(file), "NoAccess MAPI_E_NO_ACCESS")
      assert.strictEqual(yield* outcome(file, { flags: ["MDB_WRITE"] }), "NoAccess MAPI_E_NO_ACCESS")
      fs.chmodSync(at, 0)
      assert.strictEqual(yield* outcome(file), "NoAccess MAPI_E_NO_ACCESS")
      fs.chmodSync(at, 0o500)
      const refused = yield* Effect.exit(Sqlite.create(path.join(at, "x"), spec))
      assert.strictEqual(verdict(refused), "NoAccess MAPI_E_NO_ACCESS")
      fs.chmodSync(at, 0o755)
    })
  )

  it.effect("while somebody writes, a store is busy; when he is done, it opens", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const writer = yield* connected(file)
      writer.exec("BEGIN EXCLUSIVE")
      assert.strictEqual(yield* outcome(file), "ProviderFailed MAPI_E_BUSY")
      assert.strictEqual(yield* outcome(file, { flags: ["MDB_WRITE"] }), "ProviderFailed MAPI_E_BUSY")
      writer.exec("ROLLBACK; BEGIN IMMEDIATE") // means to write, and still lets others read
      assert.deepStrictEqual(yield* maskWith(file, "MDB_WRITE"), writing)
      writer.exec("ROLLBACK")
      assert.deepStrictEqual(yield* outcome(file), spec)
    })
  )

  it.effect("a store that becomes busy while it is open says so, and goes on afterwards", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const { exit } = yield* playing(
        Effect.fnUntraced(function* (session) {
          const store = yield* opening(session, file)
          const writer = yield* connected(file)
          writer.exec("BEGIN EXCLUSIVE")
          const during = verdict(yield* Effect.exit(store.openRootFolder))
          writer.exec("ROLLBACK")
          return [during, yield* treeOf(store)]
        })
      )
      assert.deepStrictEqual(verdict(exit), ["ProviderFailed MAPI_E_BUSY", spec])
    })
  )

  it.effect("a store that another program turned to write-ahead logging opens, and is closed when it is released", () =>
    Effect.gen(function* () {
      const file = yield* written()
      yield* damaged(file, "PRAGMA journal_mode = WAL")
      assert.deepStrictEqual(yield* outcome(file), spec)
      assert.deepStrictEqual(yield* outcome(file, { flags: ["MDB_WRITE"] }), spec)
      // The last connection to be closed takes its log and its shared memory with it.
      assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), [path.basename(file)])
    })
  )

  it.effect("a write that was cut off is undone by who may write; who may only read is told so", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const cut = path.join(path.dirname(file), "cut off")
      yield* Effect.scoped(
        Effect.map(connected(file), (db) => {
          db.exec("PRAGMA cache_size = 1; BEGIN; UPDATE folders SET name = hex(zeroblob(9999)); DELETE FROM messages")
          fs.copyFileSync(file, cut)
          fs.copyFileSync(`${file}-journal`, `${cut}-journal`)
        })
      )
      assert.strictEqual(yield* outcome(cut), "NoAccess MAPI_E_NO_ACCESS")
      assert.deepStrictEqual(yield* outcome(cut, { flags: ["MDB_WRITE"] }), spec)
      assert.deepStrictEqual(yield* outcome(cut), spec)
    })
  )
})

describe("one file by several paths", () => {
  it.effect("[R1] [R2] a hard link and a symbolic link lead to the store that is open, and to its password", () =>
    Effect.gen(function* () {
      const password = Redacted.make("open sesame")
      const file = yield* written({ password })
      const [hard, soft] = [`${file} (hard)`, `${file} (soft)`]
      fs.linkSync(file, hard)
      fs.symlinkSync(file, soft)
      const { events, exit } = yield* playing(
        Effect.fnUntraced(function* (session) {
          yield* session.profile.setPassword(idOf(soft), password)
          const stores = yield* Effect.all([opening(session, file), opening(session, hard), opening(session, soft)])
          return stores.map(({ id }) => id)
        })
      )
      assert.deepStrictEqual(verdict(exit), ["IMsgStore#1", "IMsgStore#1", "IMsgStore#1"])
      assert.strictEqual(callsOf(events, "MSProviderInit").length, 1)
      assert.strictEqual(callsOf(events, "IMSProvider::Logon").length, 3)
    })
  )

  it.effect("a copy is another store; missing files are the same only by the same path", () =>
    Effect.gen(function* () {
      const file = yield* written()
      fs.copyFileSync(file, `${file} (copy)`)
      const { exit } = yield* playing((session) =>
        Effect.all([opening(session, file), opening(session, `${file} (copy)`)])
      )
      assert.deepStrictEqual(Exit.isSuccess(exit) && exit.value.map(({ id }) => id), ["IMsgStore#1", "IMsgStore#2"])
      const { provider } = yield* Sqlite.make().module.MSProviderInit({ mapiVersion: 0x00010010, flags: [] })
      const privateOf = (name: string) => Result.getOrThrow(EntryId.unwrap(idOf(`${file}${name}`))).privateId
      const foreign = foreignId(file)
      const compared = yield* Effect.all([
        provider.compareStoreIds(privateOf(" 1"), privateOf(" 1")),
        provider.compareStoreIds(privateOf(" 1"), privateOf(" 2")),
        provider.compareStoreIds(privateOf(""), privateOf(" 2")),
        provider.compareStoreIds(privateOf(""), foreign),
        provider.compareStoreIds(foreign, foreign)
      ])
      assert.deepStrictEqual(compared, [true, false, false, false, false])
    })
  )

  it("an id is of an absolute path, of this system or another, and of nothing else", () => {
    const tag = (name: string) => Result.match(entryId(name), { onSuccess: () => "ok", onFailure: ({ _tag }) => _tag })
    assert.deepStrictEqual(["/a", "c:\\a", "D:/a", "\\\\host\\a", `/${"long".repeat(100_000)}`].map(tag), [
      "ok",
      "ok",
      "ok",
      "ok",
      "ok"
    ])
    assert.deepStrictEqual(
      ["", "a", "./a", ":memory:", "file:/a", "/a\0b", "/\ud800"].map(tag),
      Array.from({ length: 7 }, () => "InvalidEntryId")
    )
  })
})
