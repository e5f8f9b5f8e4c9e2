import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import mermaid from "mermaid"
import * as Sequence from "../../src/diagram/Sequence.ts"
import { both, crossed, log, opened, refused } from "./log.ts"

/** Mermaid's own parser: throws at what it does not accept. */
const parse = (text: string) => Effect.promise(() => mermaid.parse(text))

const Messages = Schema.Array(Schema.Struct({ message: Schema.String }))

/** What Mermaid would draw: the texts of messages and notes, its marks for escaped characters undone. */
const drawn = Effect.fnUntraced(function* (text: string) {
  yield* parse(text)
  const { db } = yield* Effect.promise(() => mermaid.mermaidAPI.getDiagramFromText(text))
  const messages = "getMessages" in db && typeof db.getMessages === "function" ? db.getMessages() : null
  const texts = yield* Schema.decodeUnknownEffect(Messages)(messages)
  return texts.map(({ message }) => message.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code))))
})

/** As a label has it: what is no sign is a blank. */
const plain = (text: string) => text.replace(/[\p{C}\p{Z}]/gu, " ").trim()

describe("Sequence", () => {
  it("an open: participants in the order that they appear, steps by their numbers, returns dashed", () => {
    assert.deepStrictEqual(Sequence.mermaid(opened).split("\n"), [
      "sequenceDiagram",
      "  participant p1 as client",
      "  participant p2 as MAPI",
      "  participant p3 as provider",
      "  p1->>p2: (1) IMAPISession::OpenMsgStore",
      "  p2->>p3: (2) LoadLibrary (DEMO.DLL) = S_OK",
      "  p2->>p3: (4) IMSProvider::Logon (MDB_WRITE)",
      "  p3->>p2: IMAPISupport::OpenProfileSection = S_OK",
      "  p3->>p2: (5) IMAPISupport::AddRef · IMAPISupport#35;1: 2 (provider 1)",
      "  p3->>p3: (5) new IMsgStore · IMsgStore#35;1: 1 (MAPI 1)",
      "  p3-->>p2: (5) IMSProvider::Logon = S_OK · IMSLogon#35;1, IMsgStore#35;1",
      "  p2-->>p1: (7) IMAPISession::OpenMsgStore = S_OK · IMsgStore#35;1"
    ])
  })

  it("a refusal: a crossed arrow, and a note of why", () => {
    assert.deepStrictEqual(Sequence.mermaid(refused).split("\n").slice(4), [
      "  p1->>p2: (1) IMAPISession::OpenMsgStore",
      "  p2-xp3: (4) IMSProvider::Logon = MAPI_E_FAILONEPROVIDER",
      "  Note over p3: the password is wrong",
      "  p2--xp1: IMAPISession::OpenMsgStore = MAPI_E_FAILONEPROVIDER",
      "  Note over p1: the password is wrong"
    ])
  })

  it.effect("Mermaid's parser accepts an open, a refusal, two clients at once, and no call at all", () =>
    Effect.forEach([opened, refused, crossed, []], (events) =>
      Effect.map(parse(Sequence.mermaid(events)), ({ diagramType }) => assert.strictEqual(diagramType, "sequence"))
    )
  )

  it.effect("the parser can refuse: a line end in a text would be one", () =>
    Effect.gen(function* () {
      const broken = Sequence.mermaid(opened).replace("OpenMsgStore", "Open\nMsgStore")
      assert.strictEqual((yield* Effect.exit(parse(broken)))._tag, "Failure")
    })
  )

  const nasty = [
    "end",
    "wrap: x",
    "nowrap:",
    "a;b",
    "#35;",
    "%%{init}%%",
    "p1->>p2: x",
    "<b>",
    "x\ny",
    "\u2028",
    "\ud800"
  ]
  it.effect.each(nasty)("a text that means something to Mermaid is a text like another: %j", (text) =>
    Effect.gen(function* () {
      const events = log(both(1, { call: text, from: text, to: "MAPI", flags: [text] }, { note: text }))
      assert.deepStrictEqual(yield* drawn(Sequence.mermaid(events)), [plain(`${text} (${text}) = S_OK`), plain(text)])
    })
  )

  const text = Schema.String
  it.effect.prop(
    "whatever a log says, the parser accepts its diagram, and reads what the log says",
    { call: text, from: text, to: text, note: text, flag: text, object: text },
    ({ call, flag, from, note, object, to }) =>
      Effect.gen(function* () {
        const events = log(both(1, { call, from, to, flags: [flag] }, { note, returned: [object] }))
        const label = `${call} (${flag}) = S_OK${object === "" ? "" : ` · ${object}`}`
        assert.deepStrictEqual(yield* drawn(Sequence.mermaid(events)), [plain(label), plain(note)])
      }),
    { arbitrary: { runs: 100 } }
  )
})
