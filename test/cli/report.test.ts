import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Report from "../../src/cli/report.ts"
import { Flags, MapiError, type MsgStore } from "../../src/index.ts"

const asItIs = (text: string) => text
const scrub = (text: string) => text.replaceAll("hunter2", "<redacted>")

const folder = (name: string, told: Partial<MsgStore.FolderTree> = {}): MsgStore.FolderTree => ({
  name,
  count: told.subjects?.length ?? 0,
  subjects: [],
  folders: [],
  ...told
})

const sayTree = (tree: MsgStore.FolderTree) =>
  Report.sayStore(Report.toStore("Store", 0, tree, asItIs))
    .split("\n")
    .slice(3)

describe("report", () => {
  it("a store in words: name, access, folders with their counts, no more than ten subjects of each", () => {
    const twelve = Array.from({ length: 12 }, (_, n) => `Message ${n + 1}`)
    const inner = folder("Inbox", { subjects: twelve, folders: [folder("Done", { subjects: [""] })] })
    const mask = Flags.encode(Flags.StoreSupport, ["STORE_ENTRYID_UNIQUE", "STORE_MODIFY_OK"])
    const report = Report.toStore(
      "Post",
      mask,
      folder("", { folders: [inner, folder("Counted", { count: 3 })] }),
      asItIs
    )
    assert.deepStrictEqual(Report.sayStore(report).split("\n"), [
      "Store    Post",
      "Access   read and write (STORE_ENTRYID_UNIQUE, STORE_MODIFY_OK)",
      "Folders",
      "  (no name)",
      "    Inbox  12 messages",
      ...twelve.slice(0, 10).map((subject) => `      - ${subject}`),
      "        and 2 more",
      "      Done  1 message",
      "        - (no subject)",
      "    Counted  3 messages"
    ])
  })

  it("a mask with bits that have no name here still says what it grants", () => {
    const report = Report.toStore("Post", 0xffff_ff02 | 0, folder("Root"), asItIs)
    assert.deepStrictEqual(report.access, ["STORE_READONLY"])
    assert.isTrue(report.readOnly)
  })

  it("long names are cut to 100 columns, letters of two columns counted as two; nothing commands a terminal", () => {
    const wide = "受信".repeat(60)
    const [name, first, second] = sayTree(
      folder("A".repeat(200), { subjects: [wide, "\u001b[31mred\u0007\nalert\u202e!"] })
    )
    assert.strictEqual(name, `  ${"A".repeat(85)}…  2 messages`.padEnd(100))
    assert.strictEqual(first, `    - ${"受信".repeat(23)}…`)
    assert.strictEqual(second, "    -  [31mred alert!")
  })

  it("a hundred folders within each other are indented twenty deep, and no deeper", () => {
    const deep = Array.from({ length: 100 }).reduce<MsgStore.FolderTree>(
      (below) => folder("F", { folders: [below] }),
      folder("F")
    )
    assert.strictEqual(Math.max(...sayTree(deep).map((row) => row.length)), 41)
  })

  it("an error as data has everything that its class has, and the name of its code", () => {
    const error = new MapiError.LoadFailed({ subject: "DEMO.DLL", reason: "missing", detail: "no module", step: 2 })
    assert.deepStrictEqual(
      { ...Report.toError(Cause.fail(error), false, asItIs) },
      {
        _tag: "LoadFailed",
        scode: 0x80004005,
        scodeName: "MAPI_E_CALL_FAILED",
        reason: "missing",
        step: 2,
        subject: "DEMO.DLL",
        detail: "no module",
        advice: "Check the module that this DLL name is registered with, then open again."
      }
    )
  })

  it("no text of an error, a note or a store keeps a password", () => {
    const error = new MapiError.NotFound({ subject: "/hunter2.db", detail: "hunter2", advice: "hunter2", step: null })
    const report = Report.toStore(
      "hunter2",
      0,
      folder("hunter2", { subjects: ["hunter2"], folders: [folder("hunter2")] }),
      scrub
    )
    const told = [
      Report.toError(Cause.fail(error), false, scrub),
      Report.toError(Cause.die(new Error("hunter2")), false, scrub),
      report
    ]
    assert.notInclude(JSON.stringify(told), "hunter2")
    assert.notInclude(Report.sayStore(report), "hunter2")
  })

  it("what is no error of the protocol has no code: an interruption, a defect", () => {
    const tagOf = (cause: Cause.Cause<never>) => {
      const { _tag, scode, step } = Report.toError(cause, false, asItIs)
      return [_tag, scode, step]
    }
    assert.deepStrictEqual(tagOf(Cause.interrupt(1)), ["Interrupted", null, null])
    assert.deepStrictEqual(tagOf(Cause.die("oops")), ["Defect", null, null])
  })

  it("advice is for somebody at a command line", () => {
    const told = { subject: "x", detail: "y", step: 4 } as const
    const advice = (error: MapiError.MapiError, asked = false) =>
      Report.toError(Cause.fail(error), asked, asItIs).advice
    assert.deepStrictEqual(
      [
        advice(new MapiError.FailOneProvider(told)),
        advice(new MapiError.FailOneProvider(told), true),
        advice(new MapiError.UnknownEntryId({ ...told, step: 1 })),
        advice(new MapiError.NotFound(told)),
        advice(new MapiError.NotFound({ ...told, step: null })),
        advice(new MapiError.NoAccess({ ...told, advice: "Ask the owner." }))
      ],
      [
        "Run this again with --ask, and type the password.",
        "Run this again with the right password.",
        "Open a store of this command's own providers: an SQLite store, or a .pst file.",
        "Check the path; without one, the demonstration store is opened.",
        "Check that what the id names still exists.",
        "Ask the owner."
      ]
    )
  })
})
