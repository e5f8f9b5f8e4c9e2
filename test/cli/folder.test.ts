import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import * as Folder from "../../src/cli/folder.ts"
import * as Progress from "../../src/cli/progress.ts"
import * as Text from "../../src/cli/text.ts"
import { type CallLog, InMemory, MapiSession, ProviderRegistry } from "../../src/index.ts"
import { command, document, folder, lockedPst } from "./command.ts"

const memory = InMemory.make({
  stores: [
    {
      name: "Post",
      folders: [
        { name: "Inbox", messages: ["One", "Two"], folders: [{ name: "Done", messages: ["Three"] }] },
        { name: "Sent", folders: [{ name: "Done" }, { name: "Päckchen" }] },
        { name: "In/Out", messages: ["Four"] },
        { name: "Post" }
      ]
    }
  ]
})

/** What `--list WANTED --message NUMBER` reads of that store. */
const read = (wanted: string, number: number | null = null) =>
  Effect.gen(function* () {
    const entryId = Result.getOrThrow(memory.entryId("Post"))
    const store = yield* MapiSession.openMsgStore({ entryId })
    return yield* Folder.read(store, wanted, number, (text) => text.replaceAll("secret", "<redacted>"))
  }).pipe(
    Effect.scoped,
    Effect.provide(
      Layer.provide(MapiSession.MapiSession.layer, ProviderRegistry.ProviderRegistry.layer([memory.registration]))
    )
  )

describe("a folder by its path or name", () => {
  it.effect.each([
    ["Inbox", "Inbox", ["One", "Two"]],
    ["inbox/DONE", "Inbox/Done", ["Three"]],
    ["/Inbox/Done/", "Inbox/Done", ["Three"]],
    ["Post/Inbox/Done", "Inbox/Done", ["Three"]],
    ["pa\u0308ckchen", "Sent/Päckchen", []],
    ["in/out", "In/Out", ["Four"]],
    ["Post", "Post", []],
    ["/", "/", []]
  ] as const)("%j is %j", ([wanted, found, subjects]) =>
    Effect.gen(function* () {
      const { list, message } = yield* read(wanted)
      assert.strictEqual(list.folder, found)
      assert.deepStrictEqual<ReadonlyArray<string>>(
        list.messages.map(({ subject }) => subject),
        subjects
      )
      assert.isNull(message)
    })
  )

  it.effect.each([
    ["Done", "2 folders have this name", 'Give the path of one: "Inbox/Done", "Sent/Done".'],
    ["Imbox", "the store has no folder of this path or name", 'Did you mean "Inbox"?'],
    ["Sent/Inbocks/Don", "the store has no folder of this path or name", 'Did you mean "Inbox/Done", "Sent/Done"?'],
    ["päck", "the store has no folder of this path or name", 'Did you mean "Sent/Päckchen"?'],
    [
      "Quarterly report",
      "the store has no folder of this path or name",
      'Its folders are "Inbox", "Inbox/Done", "Sent", "Sent/Done", "Sent/Päckchen", and 2 more.'
    ]
  ] as const)("%j is none", ([wanted, detail, advice]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(wanted))
      assert.deepInclude({ ...error }, { _tag: "NotFound", subject: wanted, detail, advice, step: null })
    })
  )

  it.effect("a message by its number; a number that is none says which are", () =>
    Effect.gen(function* () {
      const { message } = yield* read("Inbox", 2)
      assert.deepInclude(message, { number: 2, folder: "Inbox", subject: "Two", body: null, bodyForm: null })
      const { advice, detail, subject } = yield* Effect.flip(read("Inbox", 3))
      assert.deepStrictEqual(
        [subject, detail, advice],
        ["message 3 of Inbox", "the folder has 2 messages", "Give --message a number from 1 to 2."]
      )
      const none = yield* Effect.flip(read("Sent", 1))
      assert.strictEqual(none.detail, "the folder has no messages")
    })
  )
})

describe("a folder and a message in words", () => {
  const listed = (number: number, told: Partial<Folder.Listed> = {}): Folder.Listed => ({
    number,
    date: null,
    sender: "",
    subject: "",
    size: null,
    ...told
  })
  const message: Folder.Message = {
    number: 2,
    folder: "Inbox",
    subject: "Hello",
    sender: "Ann",
    senderAddress: "ann@example.com",
    submitted: "2010-03-15T17:12:05.000Z",
    delivered: null,
    size: 12,
    body: "One\r\n\u001b[31mTwo\rThree\n\n",
    bodyForm: "plain text"
  }

  it("a table of number, date, sender and subject, never wider than 100 columns", () => {
    const date = "2010-03-15T17:12:05.000Z"
    const messages = [
      listed(1, { date, sender: "A".repeat(40), subject: "受信".repeat(40) }),
      ...Array.from({ length: 9 }, (_, n) => listed(n + 2, { subject: "\u001b[31mred\n" }))
    ]
    const lines = Text.sayList({ folder: "Inbox", messages })
    assert.deepStrictEqual(lines.slice(0, 4), [
      "Folder   Inbox",
      " #  date (UTC)        sender                    subject",
      ` 1  2010-03-15 17:12  ${"A".repeat(23)}…  ${"受信".repeat(12)}受…`,
      ` 2${" ".repeat(46)} [31mred `
    ])
    assert.strictEqual(lines.at(-1), `10${" ".repeat(46)} [31mred `)
    assert.deepStrictEqual(Text.sayList({ folder: "Inbox", messages: [] }), ["Folder   Inbox", "No messages."])
  })

  it("a message: what is known of it, then its body, and nothing that commands a terminal", () => {
    assert.deepStrictEqual(Text.sayMessage(message), [
      "Folder   Inbox",
      "Message  2",
      "Subject  Hello",
      "From     Ann <ann@example.com>",
      "Sent     2010-03-15T17:12:05.000Z",
      "Size     12 bytes",
      "",
      "One",
      " [31mTwo",
      "Three"
    ])
  })

  it("a body that is no plain text is named, not shown", () => {
    const last = (told: Partial<Folder.Message>) => Text.sayMessage({ ...message, body: null, ...told }).at(-1)
    assert.deepStrictEqual(
      [last({ bodyForm: "HTML" }), last({ bodyForm: "compressed RTF" }), last({ bodyForm: null })],
      [
        "(Its body is HTML only, which is not shown.)",
        "(Its body is compressed RTF only, which is not shown.)",
        "(It has no body.)"
      ]
    )
  })
})

describe("progress", () => {
  const event = (call: string): CallLog.Event => ({
    seq: 0,
    callId: 0,
    within: null,
    phase: "call",
    session: null,
    step: null,
    from: "client",
    to: "provider",
    call,
    object: null,
    refs: [],
    returned: []
  })

  it.effect("a line after a second, rewritten, and taken away at the end; nothing for a short read", () =>
    Effect.gen(function* () {
      const written: Array<string> = []
      const progress = Progress.make((text) => written.push(text))
      yield* progress.during(Effect.void)
      assert.deepStrictEqual(written, [])
      const reading = Effect.gen(function* () {
        progress.heard(event("IMAPIFolder::GetHierarchyTable"))
        yield* TestClock.adjust("1 second")
        progress.heard(event("IMAPIFolder::GetHierarchyTable"))
        progress.heard(event("IMessage::GetProps"))
        yield* TestClock.adjust("250 millis")
      })
      yield* progress.during(reading)
      progress.clear()
      const erase = "\r\u001b[K"
      assert.deepStrictEqual(written, [
        `${erase}Reading… folders: 1, messages: 0 (1 s)`,
        `${erase}Reading… folders: 2, messages: 1 (1 s)`,
        erase
      ])
    })
  )
})

const absent = !fs.existsSync(lockedPst)
const without = absent ? " (skipped: ../shared/data is not here)" : ""

describe.skipIf(absent)(
  `effect-mapi open --list and --message${without}`,
  { concurrent: true, timeout: 60_000 },
  () => {
    const sample1 = path.join(path.dirname(lockedPst), "pstsdk-sample1.pst")

    it.effect("in words: the messages of a folder; nothing of progress where nobody watches", () =>
      Effect.gen(function* () {
        const done = yield* command(["open", sample1, "--list", "top of outlook data file/sample1"], {
          home: yield* folder
        })
        assert.deepStrictEqual([done.code, done.stderr], [0, ""])
        const [, store, list] = done.stdout.split("\n\n")
        assert.strictEqual(store, "Store    sample1\nAccess   read-only (STORE_ENTRYID_UNIQUE, STORE_READONLY)")
        assert.deepStrictEqual(list?.split("\n"), [
          "Folder   Top of Outlook data file/Sample1",
          "#  date (UTC)        sender                    subject",
          "1  2010-03-15 17:12  Terry Mahaffey            Here is a sample message"
        ])
        assert.match(done.stdout, /Every reference is given back/)
      })
    )

    it.effect("as JSON: the list and the message, and no tree", () =>
      Effect.gen(function* () {
        const args = ["open", sample1, "--list", "Sample1", "--message", "1", "--format", "json"]
        const done = yield* command(args, { home: yield* folder })
        assert.strictEqual(done.code, 0)
        const { ledger, list, message, store } = document(done)
        assert.isNull(store?.tree)
        assert.deepStrictEqual(list, {
          folder: "Top of Outlook data file/Sample1",
          messages: [
            {
              number: 1,
              date: "2010-03-15T17:12:07.951Z",
              sender: "Terry Mahaffey",
              subject: "Here is a sample message",
              size: 106589
            }
          ]
        })
        assert.deepStrictEqual(message, {
          number: 1,
          folder: "Top of Outlook data file/Sample1",
          subject: "Here is a sample message",
          sender: "Terry Mahaffey",
          senderAddress: "/O=MICROSOFT/OU=NORTHAMERICA/CN=RECIPIENTS/CN=TERRYMAH1",
          submitted: "2010-03-15T17:12:05.000Z",
          delivered: "2010-03-15T17:12:07.951Z",
          size: 106589,
          body: "With a sample attachment. It’s my daughter and our puppy. Aren’t they cute?\r\n\r\n",
          bodyForm: "HTML"
        })
        assert.isTrue(ledger.every(({ total }) => total === 0))
      })
    )
  }
)
