import { Buffer } from "node:buffer"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as EntryId from "../src/EntryId.ts"
import { bytesOf, hexOf, parts, told } from "./support/entryIds.ts"

/** Section 9.2 of the protocol reference. */
const vector =
  "0000000038A1BB1005E5101AA1BB08002B2A56C20000" + // flags, muidStoreWrap, version, flag
  "44454D4F2E444C4C0000" + // "DEMO.DLL", NUL, one pad byte
  "000000000102030405060708090A0B0C0D0E0F10" + // private flags, private MAPIUID
  "CAFEF00D"

const decode = (bytes: Uint8Array) => Result.flatMap(EntryId.fromBytes(bytes), EntryId.unwrap)
const withByte = (bytes: Uint8Array, offset: number, value: number) => bytes.with(offset, value)

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const Bytes = Arbitrary.map(Arbitrary.schema(Schema.Array(Byte)), (values) => Uint8Array.from(values))
const PrivateBytes = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(Byte), { minLength: 20, maxLength: 60 }),
  (values) => Uint8Array.from(values)
)
const DllName = Schema.String.check(Schema.isPattern(/^[ -~]{1,40}$/))

describe("the test vector of the reference", () => {
  it("unwraps to its DLL name and its private id", () => {
    assert.deepStrictEqual(parts(decode(bytesOf(vector))), [
      "DEMO.DLL",
      "000000000102030405060708090a0b0c0d0e0f10cafef00d"
    ])
  })

  it("is what wrapping these two gives", () => {
    const privateId = Result.getOrThrow(EntryId.makePrivate(bytesOf(vector).subarray(32)))
    const wrapped = Result.getOrThrow(EntryId.wrap("DEMO.DLL", privateId))
    assert.strictEqual(EntryId.toHex(wrapped), vector.toLowerCase())
  })

  it("is refused where one byte of its header is wrong", () => {
    const good = bytesOf(vector)
    const said = Array.from({ length: 22 }, (_, offset) =>
      told(EntryId.fromBytes(withByte(good, offset, (good[offset] ?? 0) ^ 0xff)))
    )
    const flipped = (offset: number) => ((good[offset] ?? 0) ^ 0xff).toString(16).padStart(2, "0")
    assert.deepStrictEqual(said, [
      ...[0, 1, 2, 3].map((at) => `${at}: expected four zero flag bytes, found ff`),
      ...Array.from({ length: 16 }, (_, n) => `${4 + n}: expected muidStoreWrap, found ${flipped(4 + n)}`),
      ...[20, 21].map((at) => `${at}: expected version and flag, both zero, found ff`)
    ])
  })

  it("is refused where its name, its NUL or its pad byte is wrong", () => {
    const changed = (offset: number, value: number) => told(decode(withByte(bytesOf(vector), offset, value)))
    assert.deepStrictEqual(
      [changed(22, 0), changed(24, 0), changed(26, 0x07), changed(29, 0xe9), changed(31, 1)],
      [
        "22: expected a DLL name of printable characters, found 00",
        "25: expected zeros up to a multiple of 4, found 4f",
        "26: expected a DLL name of printable characters, found 07",
        "29: expected a DLL name of printable characters, found e9",
        "31: expected zeros up to a multiple of 4, found 01"
      ]
    )
  })

  it("is refused at every length that is too short, where it ends", () => {
    const good = bytesOf(vector)
    const said = Array.from({ length: 57 }, (_, length) => told(decode(good.slice(0, length))))
    const what = (at: number) => {
      if (at < 4) return "four zero flag bytes"
      if (at < 20) return "muidStoreWrap"
      if (at < 22) return "version and flag, both zero"
      if (at < 31) return "a NUL after the DLL name"
      return at < 32 ? "zeros up to a multiple of 4" : "4 flag bytes and a 16-byte MAPIUID"
    }
    const wanted = said.map((_, at) => (at < 52 ? `${at}: expected ${what(at)}, found the end` : "taken"))
    assert.deepStrictEqual(said, wanted)
  })

  it("an error says all of it, and what to do", () => {
    const error = Result.getOrThrow(Result.flip(EntryId.fromBytes(bytesOf("00000000ff"))))
    assert.deepStrictEqual(
      { ...error },
      {
        _tag: "InvalidEntryId",
        scode: 0x80040107,
        step: 1,
        subject: "entry id",
        detail: "at offset 4, expected muidStoreWrap, found ff",
        advice: "Pass the wrapped entry id of a message store.",
        offset: 4,
        expected: "muidStoreWrap",
        found: "ff"
      }
    )
  })
})

describe("hex text", () => {
  it("white space and case are the writer's own business", () => {
    const written = ` ${vector.slice(0, 13)}\r\n\t${vector.slice(13).toLowerCase()}\n`
    assert.deepStrictEqual(
      parts(Result.flatMap(EntryId.fromHex(written), EntryId.unwrap)),
      parts(decode(bytesOf(vector)))
    )
  })

  it.each([
    ["", "0: expected four zero flag bytes, found the end"],
    ["0000 0g00", '2: expected hex digits, found "g"'],
    ["0x00000000", '0: expected hex digits, found "x"'],
    ["000", "1: expected two hex digits a byte, found one digit"],
    ["００", '0: expected hex digits, found "０"']
  ])("%j is refused where it stops making sense", (hex, wanted) => {
    assert.strictEqual(told(EntryId.fromHex(hex)), wanted)
  })

  it.prop("any text is taken or refused, never thrown at", [Schema.String], ([text]) => {
    assert.match(told(EntryId.fromHex(text)), /^\d+: expected /)
  })

  it.prop("the digits of an id are that id", [DllName, PrivateBytes], ([name, bytes]) => {
    const id = Result.getOrThrow(Result.flatMap(EntryId.makePrivate(bytes), (id) => EntryId.wrap(name, id)))
    assert.deepStrictEqual(EntryId.fromHex(EntryId.toHex(id)), Result.succeed(id))
  })
})

describe("hex text for decode", () => {
  const spread = [
    vector,
    vector.toLowerCase(),
    `\r\n\t ${vector.slice(0, 13)}\n${vector.slice(13)}\u00a0\ufeff\r\n\r\n`,
    (vector.match(/../g) ?? []).join("-"),
    (vector.match(/.{1,32}/g) ?? []).map((line) => line.replace(/(.{16})/, "$1 - ")).join("\r\n"),
    (vector.match(/../g) ?? []).join("\n")
  ]
  it.each(spread)("%j is the same id", (text) => {
    assert.deepStrictEqual(EntryId.decodeHex(text), EntryId.decode(bytesOf(vector)))
    assert.strictEqual(told(EntryId.decodeHex(text)), "taken")
  })

  const noise = "expected hex digits, white space or dashes"
  it.each([
    ["cb: 104 lpb: 0000", `2: ${noise}, found ":"`],
    ["\n\tcb: 2 lpb: 0000", `4: ${noise}, found ":"`],
    ["lpb: 0000", `0: ${noise}, found "l"`],
    ["0x00000000", `1: ${noise}, found "x"`],
    [" 0X00000000", `2: ${noise}, found "X"`],
    ["00,00", `2: ${noise}, found ","`],
    ["00 00 g0", `6: ${noise}, found "g"`],
    ["00 ００", `3: ${noise}, found "０"`],
    ["00–00", `2: ${noise}, found "–"`],
    ["00\u0000", `2: ${noise}, found "\\u0000"`],
    ["00😀", `2: ${noise}, found "😀"`],
    ["0", "1: expected two hex digits a byte, found the end"],
    ["00 0 \n", "6: expected two hex digits a byte, found the end"]
  ])("%j is refused at the character where it stops being hex", (text, wanted) => {
    assert.strictEqual(told(EntryId.decodeHex(text)), wanted)
  })

  it("says that it counts characters, and what may be passed; past the text, that it counts bytes", () => {
    const error = Result.getOrThrow(Result.flip(EntryId.decodeHex("cb: 4")))
    assert.deepInclude(
      { ...error },
      {
        step: null,
        subject: "hex text of an entry id",
        detail: 'at character 2 of the text, expected hex digits, white space or dashes, found ":"',
        advice:
          "Pass its hex digits alone, two a byte, without labels or 0x; white space and dashes may stand between them."
      }
    )
    assert.strictEqual(told(EntryId.decodeHex(" - ")), "0: expected 4 flag bytes, found the end")
    const broken = Result.getOrThrow(Result.flip(EntryId.decodeHex(`  ${vector.replace("0000444", "0001444")}`)))
    assert.strictEqual(broken.detail, "at offset 21, expected version and flag, both zero, found 01")
    assert.strictEqual(broken.step, null)
  })

  it("a megabyte of digits is read, and of white space skipped", () => {
    const long = `${vector}${"ab ".repeat(350_000)}`
    const stored = Result.map(EntryId.decodeHex(long), (store) => EntryId.encode(store).length)
    assert.deepStrictEqual(stored, Result.succeed(56 + 350_000))
    assert.strictEqual(told(EntryId.decodeHex(`${"- ".repeat(500_000)}!`)), `1000000: ${noise}, found "!"`)
  })
})

describe("an id of something that is no store", () => {
  const zeros = (count: number) => "00".repeat(count)
  const own = "96614ec66601d211a3b10008c728e7f1" // of some Exchange store
  const expected = "4: expected muidStoreWrap, or the MAPIUID of an Exchange or a .pst store, found"
  const ownText = "{C64E6196-0166-11D2-A3B1-0008C728E7F1}"

  it.each([
    [
      "a folder",
      `${zeros(4)}${own}0100${zeros(24)}`,
      `${ownText}, in the long-term id of an Exchange folder (eitLTPrivateFolder)`
    ],
    [
      "a public folder",
      `${zeros(4)}${own}0300${zeros(24)}`,
      `${ownText}, in the long-term id of an Exchange folder (eitLTPublicFolder)`
    ],
    [
      "a mapped folder",
      `${zeros(4)}${own}0500${zeros(24)}`,
      `${ownText}, in the long-term id of an Exchange folder (eitLTWackyFolder)`
    ],
    [
      "a message",
      `${zeros(4)}${own}0700${zeros(48)}`,
      `${ownText}, in the long-term id of an Exchange message (eitLTPrivateMessage)`
    ],
    [
      "a public message",
      `${zeros(4)}${own}0900${zeros(48)}`,
      `${ownText}, in the long-term id of an Exchange message (eitLTPublicMessage)`
    ],
    [
      "a mapped message",
      `${zeros(4)}${own}0b00${zeros(48)}`,
      `${ownText}, in the long-term id of an Exchange message (eitLTWackyMessage)`
    ],
    [
      "a one-off recipient",
      `${zeros(4)}812b1fa4bea310199d6e00dd010f5402${zeros(4)}`,
      "{A41F2B81-A3BE-1910-9D6E-00DD010F5402}, muidOOP: the id of a one-off recipient"
    ],
    [
      "an address book entry",
      `${zeros(4)}dca740c8c042101ab4b908002b2fe18201`,
      "{C840A7DC-42C0-1A10-B4B9-08002B2FE182}, muidEMSAB: the id of an address book entry"
    ],
    [
      "a contact",
      `${zeros(4)}fe42aa0a18c71a10e8850b651c240000`,
      "{0AAA42FE-C718-101A-E885-0B651C240000}, muidContabDLL: the id of a contact or a personal distribution list"
    ],
    [
      "a wrapped contact",
      `${zeros(4)}c091add3519dcf11a4a900aa0047faa4b5`,
      "{D3AD91C0-9D51-11CF-A4A9-00AA0047FAA4}, WAB_GUID: the id of a wrapped contact address book entry"
    ],
    ["a folder's length, no folder's type", `${zeros(4)}${own}0200${zeros(24)}`, ownText],
    ["a folder's type, another length", `${zeros(4)}${own}0100${zeros(23)}`, ownText],
    ["a folder of this session", `80${zeros(3)}${own}0100${zeros(24)}`, ownText],
    ["a provider that nobody knows", `${zeros(4)}${own}`, ownText]
  ])("%s: is refused with its provider, and by name where it can be told", (_, hex, found) => {
    assert.strictEqual(told(EntryId.decodeHex(hex)), `${expected} ${found}`)
  })

  it.each([
    ["0c00", "0c00, in the id of a newsgroup folder"],
    ["0c01", "0c"],
    ["0d00", "0d"]
  ])("a newsgroup folder is refused by name where its type stands: %s", (type, found) => {
    assert.strictEqual(
      told(EntryId.decodeHex(`${zeros(4)}${hexOf(EntryId.muidStoreWrap)}${type}616c742e7465737400`)),
      `20: expected version and flag, both zero, found ${found}`
    )
  })

  it("a wrapped id inside a wrapped id is refused where its MAPIUID stands", () => {
    const inner = Result.flatMap(EntryId.makePrivate(bytesOf(vector)), (id) => EntryId.wrap("DEMO.DLL", id))
    assert.strictEqual(
      told(EntryId.decode(Result.getOrThrow(inner).bytes)),
      "36: expected the MAPIUID of a private id, found muidStoreWrap: it is wrapped twice"
    )
  })

  it("says what to pass instead", () => {
    const error = Result.getOrThrow(Result.flip(EntryId.decodeHex(zeros(20))))
    assert.strictEqual(
      error.message,
      "entry id: at offset 4, expected muidStoreWrap, or the MAPIUID of an Exchange or a .pst store, found " +
        "{00000000-0000-0000-0000-000000000000}. " +
        "Pass the entry id of a message store: the PR_STORE_ENTRYID of what is in it."
    )
    assert.strictEqual(error.step, null)
  })
})

describe("wrapping", () => {
  it.each(["", "é.DLL", "A\0B.DLL", "A\n.DLL", "Ｄ.DLL"])("%j is no DLL name", (name) => {
    const privateId = Result.getOrThrow(EntryId.makePrivate(new Uint8Array(20)))
    assert.strictEqual(
      told(EntryId.wrap(name, privateId)),
      `22: expected a DLL name of printable single-byte characters, found ${JSON.stringify(name)}`
    )
  })

  it("a private id needs its flags and its MAPIUID", () => {
    assert.strictEqual(
      told(EntryId.makePrivate(new Uint8Array(19))),
      "19: expected 4 flag bytes and a 16-byte MAPIUID, found the end"
    )
    assert.strictEqual(told(EntryId.makePrivate(new Uint8Array(20))), "taken")
  })

  it.prop("unwrap gives back what wrap took, at the next multiple of 4", [DllName, PrivateBytes], ([name, bytes]) => {
    const privateId = Result.getOrThrow(EntryId.makePrivate(bytes))
    const wrapped = Result.getOrThrow(EntryId.wrap(name, privateId))
    assert.deepStrictEqual(parts(EntryId.unwrap(wrapped)), [name, hexOf(bytes)])
    assert.strictEqual(told(EntryId.fromBytes(wrapped.bytes)), "taken")
    assert.strictEqual(wrapped.bytes.length, Math.ceil((22 + name.length + 1) / 4) * 4 + bytes.length)
  })

  it("names are compared without regard to case", () => {
    assert.strictEqual(EntryId.dllKey("mspst.dll"), EntryId.dllKey("MSPST.Dll"))
  })
})

describe("any bytes", () => {
  const header = bytesOf(vector.slice(0, 44))
  const name = bytesOf("44454d4f00")
  // Nothing, the header, the header and a name: then anything at all.
  const Start = Arbitrary.map(Arbitrary.schema(Schema.Literals([0, 10, 22, 27])), (length) =>
    Uint8Array.of(...header, ...name).subarray(0, length)
  )
  const Some = Arbitrary.map(Arbitrary.all([Start, Bytes]), ([start, rest]) => Uint8Array.of(...start, ...rest))

  it.prop("are taken or refused, and what lies around them is not read", [Some, Byte], ([bytes, around]) => {
    const buffer = new Uint8Array(bytes.length + 100).fill(around)
    buffer.set(bytes, 50)
    const inside = buffer.subarray(50, 50 + bytes.length)
    assert.deepStrictEqual(parts(decode(inside)), parts(decode(bytes)))
    assert.deepStrictEqual(told(EntryId.makePrivate(inside)), told(EntryId.makePrivate(bytes)))
  })

  it.prop("a refusal is inside the bytes, or at their end", [Some], ([bytes]) => {
    const result = decode(bytes)
    if (Result.isSuccess(result)) return
    const { found, offset } = result.failure
    assert.isTrue(offset <= bytes.length)
    assert.strictEqual(found, offset === bytes.length ? "the end" : hexOf(bytes.subarray(offset, offset + 1)))
  })

  it.prop("what unwraps, wraps to the same bytes", [Some], ([bytes]) => {
    const again = Result.flatMap(decode(bytes), ({ dllFileName, privateId }) => EntryId.wrap(dllFileName, privateId))
    if (Result.isSuccess(again)) assert.strictEqual(EntryId.toHex(again.success), hexOf(bytes))
  })

  it("a name of a million bytes is a name", () => {
    const long = "A".repeat(1_000_000)
    const wrapped = Result.flatMap(EntryId.makePrivate(new Uint8Array(20)), (id) => EntryId.wrap(long, id))
    const name = Result.map(Result.flatMap(wrapped, EntryId.unwrap), ({ dllFileName }) => dllFileName)
    assert.isTrue(Result.isSuccess(name) && name.success === long)
  })

  it("are copied: who still writes to them does not change the id", () => {
    for (const bytes of [bytesOf(vector), Buffer.from(vector, "hex")]) {
      const id = Result.getOrThrow(EntryId.fromBytes(bytes))
      const privateId = Result.getOrThrow(EntryId.makePrivate(bytes))
      bytes.fill(0xee)
      assert.strictEqual(EntryId.toHex(id), vector.toLowerCase())
      assert.strictEqual(EntryId.toHex(privateId), vector.toLowerCase())
    }
  })
})
