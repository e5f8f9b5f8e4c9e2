import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Flags from "../src/Flags.ts"

/** Sections 1.2, 1.5, 2, 3.1, 4.3 and 8 of the protocol reference, written down again by hand. */
const open = {
  MDB_NO_DIALOG: 0x1,
  MDB_WRITE: 0x4,
  MAPI_DEFERRED_ERRORS: 0x8,
  MAPI_BEST_ACCESS: 0x10,
  MDB_TEMPORARY: 0x20,
  MDB_NO_MAIL: 0x80,
  MDB_ONLINE: 0x100
}
const tables = [
  [
    Flags.Session,
    "MAPILogonEx",
    {
      MAPI_LOGON_UI: 0x1,
      MAPI_NEW_SESSION: 0x2,
      MAPI_APP_PROFILE: 0x4,
      MAPI_ALLOW_OTHERS: 0x8,
      MAPI_EXPLICIT_PROFILE: 0x10,
      MAPI_EXTENDED: 0x20,
      MAPI_USE_DEFAULT: 0x40,
      MAPI_FORCE_DOWNLOAD: 0x1000,
      MAPI_SERVICE_UI_ALWAYS: 0x2000,
      MAPI_NO_MAIL: 0x8000,
      MAPI_NT_SERVICE: 0x10000,
      MAPI_PASSWORD_UI: 0x20000,
      MAPI_TIMEOUT_SHORT: 0x100000,
      MAPI_BG_SESSION: 0x200000,
      MAPI_UNICODE: 2147483648
    }
  ],
  [Flags.Open, "IMAPISession::OpenMsgStore", open],
  [Flags.Logon, "IMSProvider::Logon", { ...open, MAPI_UNICODE: 2147483648 }],
  [Flags.Init, "MSProviderInit", { MAPI_NT_SERVICE: 0x10000 }],
  [
    Flags.Logoff,
    "IMsgStore::StoreLogoff",
    { LOGOFF_NO_WAIT: 1, LOGOFF_ORDERLY: 2, LOGOFF_PURGE: 4, LOGOFF_ABORT: 8, LOGOFF_QUIET: 16 }
  ],
  [
    Flags.LogoffOutcome,
    "IMsgStore::StoreLogoff (out)",
    { LOGOFF_COMPLETE: 0x10000, LOGOFF_INBOUND: 0x20000, LOGOFF_OUTBOUND: 0x40000, LOGOFF_OUTBOUND_QUEUE: 0x80000 }
  ],
  [
    Flags.StoreSupport,
    "PR_STORE_SUPPORT_MASK",
    { STORE_ENTRYID_UNIQUE: 1, STORE_READONLY: 2, STORE_MODIFY_OK: 8, STORE_CREATE_OK: 0x10, STORE_SUBMIT_OK: 0x80 }
  ]
] as const

const said = (result: Result.Result<unknown, { readonly _tag: string; readonly detail: string }>) =>
  Result.match(result, { onSuccess: (flags) => flags, onFailure: ({ _tag, detail }) => `${_tag}: ${detail}` })

describe("the flag words", () => {
  it.each(tables.map(([word, name, bits]) => [name, word, bits] as const))(
    "%s has the reference's values",
    (name, word, bits) => {
      assert.deepStrictEqual({ word: word.word, bits: { ...word.bits } }, { word: name, bits: { ...bits } })
      assert.deepStrictEqual(Flags.names<string>(word), Object.keys(bits))
    }
  )

  it("two flags about mail are two values in two words", () => {
    assert.deepStrictEqual(
      [Flags.encode(Flags.Session, ["MAPI_NO_MAIL"]), Flags.encode(Flags.Open, ["MDB_NO_MAIL"])],
      [0x8000, 0x80]
    )
    assert.strictEqual(
      said(Flags.decode(Flags.Open, 0x8000)),
      "UnknownFlags: IMAPISession::OpenMsgStore has no flag 0x00008000"
    )
    assert.strictEqual(said(Flags.decode(Flags.Session, 0x80)), "UnknownFlags: MAPILogonEx has no flag 0x00000080")
  })

  it("MFCMAPI's way to open a foreign mailbox", () => {
    const flags = ["MDB_NO_DIALOG", "MAPI_BEST_ACCESS", "MDB_TEMPORARY", "MDB_NO_MAIL"] as const
    assert.strictEqual(Flags.encode(Flags.Open, flags), 0xb1)
    assert.deepStrictEqual(Flags.decode(Flags.Open, 0xb1), Result.succeed(flags))
  })

  it("bit 31 has no sign, and is taken with one", () => {
    assert.strictEqual(Flags.encode(Flags.Session, ["MAPI_UNICODE"]), 2147483648)
    assert.strictEqual(Flags.encode(Flags.Session, ["MAPI_LOGON_UI", "MAPI_UNICODE"]), 2147483649)
    assert.deepStrictEqual(said(Flags.decode(Flags.Session, -2147483648)), ["MAPI_UNICODE"])
    assert.strictEqual(
      said(Flags.decode(Flags.Open, -2147483648)),
      "UnknownFlags: IMAPISession::OpenMsgStore has no flag 0x80000000"
    )
  })

  it("what is not known is named, and nothing else is", () => {
    assert.strictEqual(
      said(Flags.decode(Flags.Open, 0x4 | 0x40 | 0x200)),
      "UnknownFlags: IMAPISession::OpenMsgStore has no flag 0x00000240"
    )
    assert.strictEqual(
      said(Flags.fromNames(Flags.Open, ["MDB_WRITE", "MAPI_NO_MAIL", "", "toString"])),
      'UnknownFlags: IMAPISession::OpenMsgStore has no flag "MAPI_NO_MAIL", "", "toString"'
    )
  })

  it.each([2 ** 32, 2 ** 32 + 4, -(2 ** 31) - 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "%s is no flag word",
    (bits) => {
      assert.strictEqual(
        said(Flags.decode(Flags.Open, bits)),
        `UnknownFlags: IMAPISession::OpenMsgStore has no flag ${bits}: a flag word has 32 bits`
      )
    }
  )

  it("a flag named twice is named once, in the order of the table", () => {
    assert.strictEqual(Flags.encode(Flags.Open, ["MDB_WRITE", "MDB_WRITE"]), 4)
    const twice = Flags.fromNames(Flags.Open, ["MDB_NO_MAIL", "MDB_WRITE", "MDB_NO_MAIL"])
    assert.deepStrictEqual(said(twice), ["MDB_WRITE", "MDB_NO_MAIL"])
  })

  const Word = Schema.Int.check(Schema.isUint32())
  describe.each(tables.map(([word, name]) => [name, word] as const))("%s", (_, of) => {
    // One word at a time; its names are any texts to the compiler here.
    const word: Flags.Word<string> = of
    const all = Flags.names(word)
    const known = all.reduce((bits, name) => (bits | (word.bits[name] ?? 0)) >>> 0, 0)
    const Subset = Arbitrary.map(Arbitrary.schema(Schema.Tuple(all.map(() => Schema.Boolean))), (picks) =>
      all.filter((_, index) => picks[index] === true)
    )

    it.prop("a set comes back from its bits, and its names", [Subset], ([flags]) => {
      assert.deepStrictEqual(Flags.decode(word, Flags.encode(word, flags)), Result.succeed(flags))
      assert.deepStrictEqual(Flags.fromNames(word, flags.toReversed()), Result.succeed(flags))
    })

    it.prop("known bits come back from their set; of others the unknown are told", [Word], ([bits]) => {
      assert.deepStrictEqual(
        Result.map(Flags.decode(word, bits & known), (flags) => Flags.encode(word, flags)),
        Result.succeed((bits & known) >>> 0)
      )
      const rest = (bits & ~known) >>> 0
      const hex = rest.toString(16).toUpperCase().padStart(8, "0")
      const decoded = Flags.decode(word, bits)
      assert.deepStrictEqual(said(decoded), said(Flags.decode(word, bits | 0)))
      if (rest !== 0) assert.strictEqual(said(decoded), `UnknownFlags: ${word.word} has no flag 0x${hex}`)
    })

    it.prop("of any texts, the strange ones are told", [Schema.Array(Schema.String), Subset], ([texts, flags]) => {
      const strays = texts.filter((text) => !all.includes(text))
      const told = said(Flags.fromNames(word, [...texts, ...flags]))
      if (strays.length === 0) assert.isArray(told)
      else
        assert.strictEqual(
          told,
          `UnknownFlags: ${word.word} has no flag ${strays.map((text) => JSON.stringify(text)).join(", ")}`
        )
    })
  })
})
