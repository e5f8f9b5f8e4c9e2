/** What messages say of themselves, in a folder's table and when they are opened; and how much is read for it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Flags, type MsgStore, type StoreProvider } from "../../../src/index.ts"
import * as Database from "../../../src/providers/pst/database.ts"
import { bodyOf, type PropertyList, rowOf } from "../../../src/providers/pst/message.ts"
import { bytesOf, describeSamples, fileOf, folderAt, idOf, inMemory, openStore, play } from "./stage.ts"

/** Without ids, and as JSON has it: dates as text. */
const plain = ({ PR_ENTRYID: _, ...row }: StoreProvider.Row): unknown => JSON.parse(JSON.stringify(row))

const names = [
  "PR_SUBJECT",
  "PR_SENDER_NAME",
  "PR_SENDER_EMAIL_ADDRESS",
  "PR_SENT_REPRESENTING_NAME",
  "PR_CLIENT_SUBMIT_TIME",
  "PR_MESSAGE_DELIVERY_TIME",
  "PR_MESSAGE_SIZE",
  "PR_BODY",
  "PR_NATIVE_BODY_INFO"
] as const

/** What a row has of a message, too. */
const terry = (subject: string, date: string, size: number) => ({
  PR_SUBJECT: subject,
  PR_SENT_REPRESENTING_NAME: "Terry Mahaffey",
  PR_CLIENT_SUBMIT_TIME: date,
  PR_MESSAGE_DELIVERY_TIME: date,
  PR_MESSAGE_SIZE: size
})

const address = "/o=microsoft/ou=First Administrative Group/cn=Recipients/cn=terrymah"

/** A message of each sample that has one: its folder, its row there, and what only the message itself has. */
const samples = [
  {
    name: "hiraoka-alpha-beta-gamma-delta",
    folder: ["Outlook データ ファイルのトップ"],
    row: { PR_SUBJECT: "Alpha", PR_MESSAGE_DELIVERY_TIME: "2022-07-25T10:38:02.006Z", PR_MESSAGE_SIZE: 30666 },
    more: { PR_MESSAGE_SIZE: 31112, PR_BODY: "This is message alpha.\r\n", PR_NATIVE_BODY_INFO: 1 }
  },
  {
    name: "pstsdk-sample1",
    folder: ["Top of Outlook data file", "Sample1"],
    row: {
      ...terry("Here is a sample message", "2010-03-15T17:12:05.000Z", 106589),
      PR_MESSAGE_DELIVERY_TIME: "2010-03-15T17:12:07.951Z"
    },
    more: {
      PR_SENDER_NAME: "Terry Mahaffey",
      PR_SENDER_EMAIL_ADDRESS: "/O=MICROSOFT/OU=NORTHAMERICA/CN=RECIPIENTS/CN=TERRYMAH1",
      PR_BODY: "With a sample attachment. It’s my daughter and our puppy. Aren’t they cute?\r\n\r\n",
      PR_NATIVE_BODY_INFO: 3
    }
  },
  {
    name: "pstsdk-test_ansi",
    folder: ["Top of Personal Folders", "Folder"],
    row: terry("Post", "2008-07-09T18:11:05.559Z", 2324),
    more: {
      PR_SENDER_NAME: "Terry Mahaffey",
      PR_SENDER_EMAIL_ADDRESS: address,
      PR_BODY: "Post\r\n\r\n",
      PR_NATIVE_BODY_INFO: 3
    }
  },
  {
    name: "pstsdk-test_unicode",
    folder: ["Top of Personal Folders"],
    row: terry("Test", "2008-07-09T18:09:06.766Z", 2522),
    more: {
      PR_SENDER_NAME: "Terry Mahaffey",
      PR_SENDER_EMAIL_ADDRESS: address,
      PR_BODY: "Test\r\n\r\n",
      PR_NATIVE_BODY_INFO: 3
    }
  }
]

const firstOf = (store: MsgStore.MsgStore, path: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const folder = yield* folderAt(store, path)
    const [row = {}] = yield* folder.getContentsTable
    const message = yield* store.openEntry(row.PR_ENTRYID ?? new Uint8Array())
    return { row, message }
  })

describeSamples("a message", () => {
  it.effect.each(samples)("of $name: its row, and itself", ({ folder, more, name, row }) =>
    Effect.gen(function* () {
      const pst = inMemory(fileOf(bytesOf(name)))
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const store = yield* openStore(pst, "a.pst", "test")(session)
          const first = yield* firstOf(store, folder)
          return { row: first.row, message: yield* first.message.getProps(names) }
        })
      )
      assert.deepStrictEqual(plain(value.row), row)
      assert.deepStrictEqual(plain(value.message), { ...row, ...more })
    })
  )

  it.effect("nothing is read to open it, and its body only when it is asked for", () =>
    Effect.gen(function* () {
      const file = fileOf(bytesOf("pstsdk-sample1"))
      let reads = 0
      const counting = (position: number, length: number) => {
        reads += 1
        return file.read(position, length)
      }
      const pst = inMemory({ ...file, read: counting })
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const store = yield* openStore(pst, "a.pst")(session)
          const folder = yield* folderAt(store, ["Top of Outlook data file", "Sample1"])
          const [row = {}] = yield* folder.getContentsTable
          const during = <A, E, R>(self: Effect.Effect<A, E, R>) =>
            Effect.suspend(() => {
              const before = reads
              return Effect.map(self, (value) => ({ value, reads: reads - before }))
            })
          const { reads: opening, value: message } = yield* during(store.openEntry(row.PR_ENTRYID ?? new Uint8Array()))
          const subject = yield* during(message.getProps(["PR_SUBJECT", "PR_MESSAGE_SIZE"]))
          const body = yield* during(message.getProps(["PR_BODY"]))
          return [opening, subject.reads, body.reads]
        })
      )
      assert.deepStrictEqual(value, [0, 1, 3])
    })
  )

  it.effect("a long value, kept outside of the message's own list, is read whole and through the guard", () =>
    Effect.gen(function* () {
      const database = yield* Database.open("a.pst", fileOf(bytesOf("pstsdk-sample1")))
      const node = yield* database.node(0x200024)
      if (node === undefined) return assert.fail("there is no such message")
      const html = (yield* database.properties(node, [0x1013])).get(0x1013)
      const text = html instanceof Uint8Array ? new TextDecoder().decode(html) : ""
      assert.deepStrictEqual([text.length, text.slice(0, 6), text.trimEnd().slice(-7)], [1701, "<html ", "</html>"])
    })
  )

  it.effect("has no methods that write, and neither has its folder, whatever access was asked for", () =>
    Effect.gen(function* () {
      const pst = inMemory(fileOf(bytesOf("pstsdk-sample1")))
      const { value } = yield* play(pst, (session) =>
        Effect.gen(function* () {
          const flags = ["MDB_WRITE", "MAPI_BEST_ACCESS"] as const
          const store = yield* session.openMsgStore({ entryId: idOf(pst, "a.pst"), flags })
          const folder = yield* folderAt(store, ["Top of Outlook data file", "Sample1"])
          const { message } = yield* firstOf(store, ["Top of Outlook data file", "Sample1"])
          const { PR_STORE_SUPPORT_MASK: mask } = yield* store.getProps(["PR_STORE_SUPPORT_MASK"])
          return { mask, store: Object.keys(store), folder: Object.keys(folder), message: Object.keys(message) }
        })
      )
      assert.deepStrictEqual(value, {
        mask: Flags.encode(Flags.StoreSupport, ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"]),
        store: ["id", "getProps", "openEntry", "openRootFolder", "storeLogoff"],
        folder: ["_tag", "getProps", "getHierarchyTable", "getContentsTable"],
        message: ["_tag", "getProps"]
      })
    })
  )
})

describe("the body of a message", () => {
  /** A list of properties with these values, which tells which of them were read. */
  const listOf = (values: ReadonlyMap<number, Database.Value>) => {
    const read: Array<number> = []
    const list: PropertyList = {
      ids: Effect.sync(() => new Set(values.keys())),
      values: (ids) =>
        Effect.sync(() => {
          read.push(...ids)
          return new Map([...values].filter(([id]) => ids.includes(id)))
        })
    }
    return { list, read }
  }
  const [text, rtf, html] = [0x1000, 0x1009, 0x1013]

  it.effect.each([
    ["nothing", [], {}, []],
    ["plain text", [[text, "Hello"]], { PR_BODY: "Hello", PR_NATIVE_BODY_INFO: 1 }, [text]],
    ["empty text", [[text, ""]], { PR_BODY: "", PR_NATIVE_BODY_INFO: 1 }, [text]],
    ["compressed RTF alone", [[rtf, Uint8Array.of(1)]], { PR_NATIVE_BODY_INFO: 2 }, []],
    ["HTML alone", [[html, Uint8Array.of(1)]], { PR_NATIVE_BODY_INFO: 3 }, []],
    [
      "all three",
      [
        [text, "Hello"],
        [rtf, Uint8Array.of(1)],
        [html, Uint8Array.of(1)]
      ],
      { PR_BODY: "Hello", PR_NATIVE_BODY_INFO: 3 },
      [text]
    ],
    ["text that is no text", [[text, 5]], { PR_NATIVE_BODY_INFO: 1 }, [text]]
  ] as const)("%s", ([, values, row, expected]) =>
    Effect.gen(function* () {
      const { list, read } = listOf(new Map<number, Database.Value>(values))
      assert.deepStrictEqual(yield* bodyOf(list), row)
      assert.deepStrictEqual<ReadonlyArray<number>>(read, expected)
    })
  )

  it("values of other types than their properties' are left out, and a mark before a subject is", () => {
    const times = new Map<number, Database.Value>([
      [0x0037, "\u0001\u0005RE: Post"],
      [0x0039, "yesterday"],
      [0x0c1a, 7],
      [0x0e08, "much"]
    ])
    assert.deepStrictEqual(rowOf(times), { PR_SUBJECT: "RE: Post" })
  })
})
