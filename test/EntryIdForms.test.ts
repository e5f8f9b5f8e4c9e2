/** Every form of a store's entry id, as others made and read them, and one by one. */
import { Buffer } from "node:buffer"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as EntryId from "../src/EntryId.ts"
import {
  samplesAbsent as absent,
  ascii,
  bytesOf,
  sampleFiles as files,
  forms,
  header,
  hexOf,
  mailbox,
  pst,
  readSample as read,
  told,
  utf16,
  v2
} from "./support/entryIds.ts"

// --- ids that others made -------------------------------------------------------------------------------------------

/** MFCMAPI's reading of a sample: the value of each line, by the titles above it. */
const readingOf = (file: string): Record<string, string> => {
  const titles: Array<string> = []
  const values: Record<string, string> = {}
  for (const line of read(file.replace(".in.", ".expected.")).split(/\r?\n/)) {
    const [, tabs = "", title = "", value] = /^(\t*)(.*?)(?: = (.*))?$/.exec(line) ?? []
    titles.splice(tabs.length, titles.length, title)
    const bytes = /^cb: \d+ lpb: (.*)$/.exec(title)?.[1]
    if (bytes !== undefined) values[[...titles.slice(0, -1), "bytes"].join("/")] = bytes
    else if (value !== undefined) values[titles.join("/")] = value
  }
  return values
}

const word = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`
const named = (uid: Uint8Array): string => `${EntryId.formatUid(uid)} = ${EntryId.nameOfUid(uid)}`

/** What we read, in MFCMAPI's words. */
const inTheirWords = (id: EntryId.Decoded): Record<string, string> => {
  const store = "Entry ID/MAPI Message Store Entry ID"
  const header = {
    "Entry ID/abFlags": `0x${hexOf(id.flags.bytes)}`,
    "Entry ID/Provider GUID": named(id.providerUid)
  }
  if (id.kind !== "wrappedStore") return header
  const wrapped = {
    ...header,
    [`${store}/Version`]: "0x00 = MAPIMDB_VERSION", // the other values are refused
    [`${store}/Flag`]: "0x00 = MAPIMDB_NORMAL",
    [`${store}/DLLFileName`]: id.dllFileName
  }
  const { content } = id
  if (content.form !== "exchange") {
    const left = EntryId.encode(id).subarray(Math.ceil((22 + id.dllFileName.length + 1) / 4) * 4)
    const unparsed = { "Entry ID/Unparsed data size": word(left.length) }
    return { ...wrapped, ...unparsed, "Entry ID/Unparsed data size/bytes": hexOf(left).toUpperCase() }
  }
  const { mailboxDN, serverShortname, tail, wrappedType, wrappedTypeNames } = content
  const exchange = {
    ...wrapped,
    [`${store}/Wrapped Flags`]: `0x${hexOf(id.wrappedFlags.bytes)}`,
    [`${store}/WrappedProviderUID`]: named(id.wrappedProviderUid),
    [`${store}/WrappedType`]: `${word(wrappedType)} = ${wrappedTypeNames.join(" | ")}`,
    [`${store}/ServerShortname`]: serverShortname,
    ...(mailboxDN === null ? {} : { [`${store}/MailboxDN`]: mailboxDN })
  }
  if (tail === null) return exchange
  const v2 = `${store}/MAPI Message Store Entry ID V2`
  if (tail.version !== "V2") return { ...exchange, [v2]: "it is a V3 tail" }
  return {
    ...exchange,
    [`${v2}/Magic`]: "0xF32135D8 = MDB_STORE_EID_V2_MAGIC",
    [`${v2}/Size`]: `${word(tail.size)} = ${tail.size}`,
    [`${v2}/Version`]: `${word(tail.structVersion)} = MDB_STORE_EID_V2_VERSION`,
    [`${v2}/OffsetDN`]: word(tail.offsetDN),
    [`${v2}/OffsetFQDN`]: word(tail.offsetFQDN),
    ...(tail.dn === null ? {} : { [`${v2}/DN`]: tail.dn }),
    [`${v2}/Reserved Bytes/bytes`]: hexOf(tail.reserved).toUpperCase()
  }
}

describe.skipIf(absent)(`ids that others made${absent ? " (skipped: ../shared/data is not here)" : ""}`, () => {
  const isStore = (file: string) => Object.keys(readingOf(file)).some((title) => title.endsWith("/DLLFileName"))

  it.each(files.filter(isStore))("%s: says what MFCMAPI reads in it, all of it, and encodes as it was", (file) => {
    const id = Result.getOrThrow(EntryId.decodeHex(read(file)))
    assert.deepStrictEqual(inTheirWords(id), readingOf(file))
    assert.strictEqual(hexOf(EntryId.encode(id)), read(file).trim().toLowerCase())
  })

  it.each(files.filter((file) => !isStore(file)))("%s: is no store's, and is refused by MFCMAPI's names", (file) => {
    const reading = readingOf(file)
    const [uid] = (reading["Entry ID/Provider GUID"] ?? "").split(" = ")
    const [, type] = (reading["Entry ID/Exchange Folder Entry ID/Folder Type"] ?? "").split(" = ")
    assert.strictEqual(
      told(EntryId.decodeHex(read(file))),
      "4: expected muidStoreWrap, or the MAPIUID of an Exchange or a .pst store, " +
        `found ${uid}, in the long-term id of an Exchange folder (${type})`
    )
  })

  it("five are stores', one is a folder's", () => {
    assert.deepStrictEqual(files.map(isStore), [true, true, true, true, true, false])
  })

  it("the bytes that MFCMAPI leaves unparsed are a path, with or without the wrapping", () => {
    const file = "mfcmapi-ENTRYID-5.in.dat"
    const left = bytesOf(readingOf(file)["Entry ID/Unparsed data size/bytes"] ?? "")
    const path = Buffer.from(left.subarray(22, -2)).toString("utf16le")
    const wrapped = Result.getOrThrow(EntryId.decodeHex(read(file)))
    assert.deepStrictEqual(wrapped.content, { form: "pst", encoding: "UTF-16", path })
    const bare = Result.getOrThrow(EntryId.decode(left))
    assert.strictEqual(bare.kind, "pstStore")
    assert.deepStrictEqual(bare.content, wrapped.content)
    assert.deepStrictEqual(EntryId.encode(bare), left)
  })

  it.each(files.filter(isStore))("%s: cut short, it is refused at its end, or is an id without a tail", (file) => {
    const whole = EntryId.encode(Result.getOrThrow(EntryId.decodeHex(read(file))))
    const tail = Buffer.from(whole).indexOf(v2(0, 0).slice(0, 8), 0, "hex")
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length)
      const id = EntryId.decode(cut)
      const isInMagic = tail >= 0 && length > tail && length < tail + 4
      if (Result.isSuccess(id)) assert.deepStrictEqual(EntryId.encode(id.success), cut)
      else assert.strictEqual(id.failure.offset, isInMagic ? tail : length, told(id))
    }
  })
})

// --- forms ----------------------------------------------------------------------------------------------------------

describe("each form", () => {
  const contentOf = (hex: string) => Result.map(EntryId.decode(bytesOf(hex)), ({ content }) => content)
  const formOf = (what: string): string => forms.find(([name]) => name === what)?.[1] ?? ""

  it.each(forms)("%s is read, and encodes as it was", (_, hex) => {
    assert.deepStrictEqual(Result.map(EntryId.decode(bytesOf(hex)), EntryId.encode), Result.succeed(bytesOf(hex)))
  })

  it("the flags of an id have names, and say whether it is long-term", () => {
    const flags = (hex: string) => {
      const id = Result.getOrThrow(EntryId.decodeHex(`${hex}${pst.slice(8)}${ascii("a")}`))
      return `${id.flags.names.join(" ")} ${id.flags.longTerm ? "long-term" : "short-term"}`
    }
    const all = "MAPI_SHORTTERM MAPI_NOTRECIP MAPI_THISSESSION MAPI_NOW MAPI_NOTRESERVED"
    const one = ["80000000", "40000000", "20000000", "10000000", "08000000"].map(flags)
    assert.deepStrictEqual(
      one,
      all.split(" ").map((name) => `${name} short-term`)
    )
    assert.deepStrictEqual(["00000000", "01000000", "ff000000", "0080ffff"].map(flags), [
      " long-term",
      " short-term",
      `${all} short-term`,
      "MAPI_COMPOUND long-term"
    ])
  })

  it("WrappedType has names, and keeps the bits that have none", () => {
    const type = (hex: string) => {
      const content = Result.getOrThrow(contentOf(`${mailbox}${hex}${ascii("S")}${ascii("D")}`))
      return content.form === "exchange" ? [content.wrappedType, content.wrappedTypeNames] : []
    }
    const [isPublic, home, owner] = ["OPENSTORE_PUBLIC", "OPENSTORE_HOME_LOGON", "OPENSTORE_TAKE_OWNERSHIP"] as const
    assert.deepStrictEqual(["0c000000", "06000000", "00000000", "f1ffffff", "ffffffff"].map(type), [
      [12, [home, owner]],
      [6, [isPublic, home]],
      [0, []],
      [0xfffffff1, []],
      [0xffffffff, [isPublic, home, owner]]
    ])
  })

  it("names are there, empty, or not there", () => {
    const names = (what: string) => {
      const content = Result.getOrThrow(contentOf(formOf(what)))
      if (content.form !== "exchange") return []
      const { mailboxDN, serverShortname, tail } = content
      return [serverShortname, mailboxDN, tail?.version ?? null]
    }
    assert.deepStrictEqual(
      [
        "a bare mailbox",
        "empty names",
        "a public store without a DN",
        "a public store with a DN",
        "a public store with an empty DN and a tail",
        "a public store without a DN, with a V2 tail",
        "a public store without a DN, with a V3 tail",
        "a V3 tail"
      ].map(names),
      [
        ["SERVER", "/o=é/cn=x", null],
        ["", "", null],
        ["SERVER", null, null],
        ["SERVER", "/o=x", null],
        ["S", "", "V2"],
        ["S", null, "V2"],
        ["S", null, "V3"],
        ["S", "/o", "V3"]
      ]
    )
  })

  it("a tail is read where writers put its strings; what is elsewhere, or of V3, is kept as bytes", () => {
    const tail = (what: string) => {
      const content = Result.getOrThrow(contentOf(formOf(what)))
      return content.form === "exchange" ? content.tail : null
    }
    const about = { version: "V2", size: 9, structVersion: 1, reserved: bytesOf("0000") } as const
    assert.deepStrictEqual(tail("a V2 tail with an FQDN alone"), {
      ...about,
      ...{ offsetDN: 0, offsetFQDN: 20, dn: null, fqdn: "é.example" }
    })
    assert.deepStrictEqual(tail("a V2 tail with both"), {
      ...about,
      ...{ offsetDN: 20, offsetFQDN: 24, dn: "/dn", fqdn: "a.b" }
    })
    assert.deepStrictEqual(tail("a V2 tail with its strings elsewhere"), {
      ...about,
      ...{ offsetDN: 30, offsetFQDN: 22, dn: null, fqdn: null },
      reserved: bytesOf(`0000${utf16("a.b")}${ascii("/dn")}`)
    })
    assert.deepStrictEqual(tail("a V3 tail"), { version: "V3", data: bytesOf("2a00000002000000100000006100") })
  })

  it.each([
    ["no WrappedType", mailbox, "20: expected 4 bytes of WrappedType, found the end"],
    ["half a WrappedType", `${mailbox}0c00`, "22: expected 4 bytes of WrappedType, found the end"],
    ["no server", `${mailbox}0c000000`, "24: expected a NUL after the server's short name, found the end"],
    [
      "a mailbox without a DN",
      `${mailbox}0c000000${ascii("S")}`,
      "26: expected a NUL after the mailbox DN, found the end"
    ],
    ["a DN without a NUL", `${mailbox}0c00000053002f6f`, "28: expected a NUL after the mailbox DN, found the end"],
    [
      "something after the DN",
      `${mailbox}0c000000${ascii("S")}${ascii("/o")}0a00`,
      "29: expected the end, or the magic of a V2 or V3 tail, found 0a"
    ],
    [
      "half a magic",
      `${mailbox}0c000000${ascii("S")}${ascii("/o")}d83521`,
      "29: expected the end, or the magic of a V2 or V3 tail, found d8"
    ],
    [
      "half a V2 header",
      `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(0, 0).slice(0, 32)}`,
      "45: expected 4 bytes of a V2 tail's offset of the FQDN, found the end"
    ],
    [
      "a server DN without a NUL",
      `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(20, 0)}2f`,
      "50: expected a NUL after the server's DN, found the end"
    ],
    [
      "an FQDN without a NUL",
      `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(0, 20)}6100`,
      "51: expected a NUL after the server's FQDN, found the end"
    ],
    [
      "half a character of an FQDN",
      `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(0, 20)}610062`,
      "52: expected two bytes a character, found the end"
    ],
    ["no zero before a path", `${pst.slice(0, -2)}01${ascii("a")}`, "20: expected a zero, found 01"],
    ["no path", pst, "21: expected a NUL after the path, found the end"],
    ["more after a path", `${pst}${ascii("a")}62`, "23: expected the end after the path, found 62"],
    [
      "a broken path in a wrapped id",
      `${header.wrap}${header.demo}${pst}61`,
      "54: expected a NUL after the path, found the end"
    ],
    ["nothing", "", "0: expected 4 flag bytes, found the end"],
    ["half a MAPIUID", `${mailbox.slice(0, 20)}`, "10: expected a 16-byte MAPIUID, found the end"]
  ])("%s: is refused where it stops making sense", (_, hex, wanted) => {
    assert.strictEqual(told(EntryId.decode(bytesOf(hex))), wanted)
  })

  it("is read from a part of a larger buffer, of whatever kind, and shares no memory with it", () => {
    for (const [what, hex] of forms) {
      const bytes = bytesOf(hex)
      const large = new Uint8Array(bytes.length + 100).fill(0x61)
      large.set(bytes, 51)
      const inside = large.subarray(51, 51 + bytes.length)
      const ids = [inside, Buffer.from(large.buffer, 51, bytes.length)].map((part) => EntryId.decode(part))
      large.fill(0xee)
      assert.deepStrictEqual(ids, [EntryId.decode(bytes), EntryId.decode(bytes)], what)
    }
  })

  it("names of half a million characters are names", () => {
    const long = "x".repeat(500_000)
    for (const hex of [
      `${mailbox}0c000000${ascii(long)}${ascii(long)}${v2(0, 20)}${utf16(long)}`,
      `${pst}${ascii(long)}`,
      `${pst}00${utf16(long)}`
    ]) {
      const bytes = bytesOf(hex)
      const again = Result.map(EntryId.decode(bytes), EntryId.encode)
      assert.isTrue(Result.isSuccess(again) && Buffer.compare(again.success, bytes) === 0)
    }
  })
})
