/** A decoded entry id, as people read it and as programs do. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as EntryId from "../src/EntryId.ts"
import { ascii, bytesOf, header, mailbox, pst, publicStore, utf16, v2, v3 } from "./support/entryIds.ts"

describe("a decoded id", () => {
  const decoded = (hex: string) => Result.getOrThrow(EntryId.decode(bytesOf(hex)))
  const wrappedMailbox =
    `${header.wrap}${ascii("EMSMDB.DLL")}000000${mailbox}0c000000${ascii("SERVER")}${ascii("/o=x\u001b[31m")}` +
    `${v2(20, 24)}${ascii("/dn")}${utf16("a\u202e.b")}0000`

  it("is a small tree, whose text cannot steer a terminal", () => {
    assert.deepStrictEqual(EntryId.tree(decoded(wrappedMailbox)), [
      "wrapped store entry id",
      "├─ flags: 00000000, long-term",
      "├─ ProviderUID: {10BBA138-E505-1A10-A1BB-08002B2A56C2} muidStoreWrap",
      "├─ DLLFileName: EMSMDB.DLL",
      "└─ private id of an Exchange store",
      "   ├─ WrappedFlags: 00000000, long-term",
      "   ├─ WrappedProviderUID: {20FA551B-66AA-CD11-9BC8-00AA002FC45A} g_muidStorePrivate",
      "   ├─ WrappedType: 0x0000000C OPENSTORE_HOME_LOGON | OPENSTORE_TAKE_OWNERSHIP",
      "   ├─ ServerShortname: SERVER",
      "   ├─ MailboxDN: /o=x\\u{1b}[31m",
      "   └─ V2 tail",
      "      ├─ Magic: 0xF32135D8",
      "      ├─ Size: 9",
      "      ├─ Version: 1",
      "      ├─ OffsetDN: 0x00000014",
      "      ├─ OffsetFQDN: 0x00000018",
      "      ├─ DN: /dn",
      "      ├─ FQDN: a\\u{202e}.b",
      "      └─ reserved: 0000 (2 bytes)"
    ])
    assert.deepStrictEqual(EntryId.tree(decoded(`88000000${pst.slice(8)}${ascii("C:\\a.pst")}`)), [
      "private id of a file of personal folders",
      "├─ flags: 88000000 MAPI_SHORTTERM | MAPI_NOTRESERVED, short-term",
      "├─ ProviderUID: {4154494E-BFF9-01B8-00AA-0037D96E0000} PST",
      "├─ path: C:\\a.pst",
      "└─ characters: 8-bit"
    ])
    assert.deepStrictEqual(EntryId.tree(decoded(`${publicStore}06000000${ascii("S")}${v3}0102`)), [
      "private id of an Exchange store",
      "├─ flags: 00000000, long-term",
      "├─ ProviderUID: {1002831C-66AA-CD11-9BC8-00AA002FC45A} g_muidStorePublic",
      "├─ WrappedType: 0x00000006 OPENSTORE_PUBLIC | OPENSTORE_HOME_LOGON",
      "├─ ServerShortname: S",
      "├─ MailboxDN: none",
      "└─ V3 tail",
      "   ├─ Magic: 0xF43246E9",
      "   └─ not decoded: 0102 (2 bytes)"
    ])
    const opaque = decoded(`${header.wrap}${header.demo}00000000${"5a".repeat(16)}${"cafe".repeat(20)}`)
    assert.deepStrictEqual(EntryId.tree(opaque).slice(4), [
      "└─ private id, its provider's own",
      "   ├─ WrappedFlags: 00000000, long-term",
      "   ├─ WrappedProviderUID: {5A5A5A5A-5A5A-5A5A-5A5A-5A5A5A5A5A5A}",
      `   └─ data: ${"cafe".repeat(16)}… (40 bytes)`
    ])
  })

  const flags = { bytes: "00000000", names: [], longTerm: true }
  it.each<[what: string, hex: string, wanted: EntryId.DecodedJson]>([
    [
      "a wrapped mailbox",
      wrappedMailbox,
      {
        kind: "wrappedStore",
        dllFileName: "EMSMDB.DLL",
        flags,
        providerUid: "{10BBA138-E505-1A10-A1BB-08002B2A56C2}",
        providerName: "muidStoreWrap",
        wrappedFlags: flags,
        wrappedProviderUid: "{20FA551B-66AA-CD11-9BC8-00AA002FC45A}",
        wrappedProviderName: "g_muidStorePrivate",
        form: "exchange",
        wrappedType: 12,
        wrappedTypeNames: ["OPENSTORE_HOME_LOGON", "OPENSTORE_TAKE_OWNERSHIP"],
        serverShortname: "SERVER",
        mailboxDN: "/o=x\u001b[31m",
        tail: {
          version: "V2",
          magic: 0xf32135d8,
          size: 9,
          structVersion: 1,
          offsetDN: 20,
          offsetFQDN: 24,
          dn: "/dn",
          fqdn: "a\u202e.b",
          reserved: "0000"
        }
      }
    ],
    [
      "a wrapped id of a provider without a form",
      `${header.wrap}${header.demo}a8800102${"5a".repeat(16)}cafe`,
      {
        kind: "wrappedStore",
        dllFileName: "DEMO.DLL",
        flags,
        providerUid: "{10BBA138-E505-1A10-A1BB-08002B2A56C2}",
        providerName: "muidStoreWrap",
        wrappedFlags: {
          bytes: "a8800102",
          names: ["MAPI_SHORTTERM", "MAPI_THISSESSION", "MAPI_NOTRESERVED", "MAPI_COMPOUND"],
          longTerm: false
        },
        wrappedProviderUid: "{5A5A5A5A-5A5A-5A5A-5A5A-5A5A5A5A5A5A}",
        wrappedProviderName: null,
        form: "opaque",
        data: "cafe"
      }
    ],
    [
      "a bare public store with a V3 tail",
      `${publicStore}06000000${ascii("S")}${v3}0102`,
      {
        kind: "exchangeStore",
        dllFileName: null,
        flags,
        providerUid: "{1002831C-66AA-CD11-9BC8-00AA002FC45A}",
        providerName: "g_muidStorePublic",
        wrappedFlags: null,
        wrappedProviderUid: null,
        wrappedProviderName: null,
        form: "exchange",
        wrappedType: 6,
        wrappedTypeNames: ["OPENSTORE_PUBLIC", "OPENSTORE_HOME_LOGON"],
        serverShortname: "S",
        mailboxDN: null,
        tail: { version: "V3", magic: 0xf43246e9, data: "0102" }
      }
    ],
    [
      "a bare .pst",
      `${pst}${ascii("C:\\a.pst")}`,
      {
        kind: "pstStore",
        dllFileName: null,
        flags,
        providerUid: "{4154494E-BFF9-01B8-00AA-0037D96E0000}",
        providerName: "PST",
        wrappedFlags: null,
        wrappedProviderUid: null,
        wrappedProviderName: null,
        form: "pst",
        encoding: "8-bit",
        path: "C:\\a.pst"
      }
    ]
  ])("%s is plain data that JSON carries", (_, hex, wanted) => {
    const json = EntryId.toJson(decoded(hex))
    assert.deepStrictEqual(json, wanted)
    assert.deepStrictEqual(JSON.parse(JSON.stringify(json)), wanted)
  })
})
