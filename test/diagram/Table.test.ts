import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Line from "../../src/diagram/Line.ts"
import * as Table from "../../src/diagram/Table.ts"
import type { CallLog } from "../../src/index.ts"
import { back, both, call, crossed, log, opened, refs, refused } from "./log.ts"

const tableOf = (events: ReadonlyArray<CallLog.Event>) => Table.table(events).split("\n").slice(1)

describe("Table", () => {
  it("an open: steps by their numbers, nested calls indented, a call with its return in one row, counts", () => {
    assert.deepStrictEqual(Table.table(opened).split("\n"), [
      " #  caller   → callee    call                                         object: references (whose)",
      " 1  client   → MAPI      IMAPISession::OpenMsgStore                   IMAPISession#1",
      " 2  MAPI     → provider  LoadLibrary (DEMO.DLL) = S_OK",
      " 4  MAPI     → provider    IMSProvider::Logon (MDB_WRITE)             IMSProvider#1",
      " ·  provider → MAPI          IMAPISupport::OpenProfileSection = S_OK  IMAPISupport#1",
      " 5  provider → MAPI          IMAPISupport::AddRef                     IMAPISupport#1: 2 (provider 1)",
      " 5  provider                 new IMsgStore                            IMsgStore#1: 1 (MAPI 1)",
      " 5  MAPI     ← provider    IMSProvider::Logon = S_OK                  IMSLogon#1, IMsgStore#1",
      " 7  client   ← MAPI      IMAPISession::OpenMsgStore = S_OK            IMsgStore#1"
    ])
  })

  it("a refusal: what was answered, and why, below the call", () => {
    assert.deepStrictEqual(tableOf(refused), [
      " 1  client   → MAPI      IMAPISession::OpenMsgStore                   IMAPISession#1",
      " 4  MAPI     → provider    IMSProvider::Logon = MAPI_E_FAILONEPROVIDER  IMSProvider#1",
      "                           the password is wrong",
      " ·  client   ← MAPI      IMAPISession::OpenMsgStore = MAPI_E_FAILONEPROVIDER",
      "                         the password is wrong"
    ])
  })

  it("two clients at once: what they made says whose it is, from when the second came", () => {
    assert.deepStrictEqual(tableOf(crossed), [
      " 1  client#1 → MAPI      IMAPISession::OpenMsgStore                   IMAPISession#1",
      " 4  MAPI     → provider    IMSProvider::Logon                         IMSProvider#1",
      " 1  client#2 → MAPI      IMAPISession::OpenMsgStore                   IMAPISession#1",
      " 4  MAPI     → provider    IMSProvider::Logon for client#2 = S_OK     IMsgStore#1",
      " 5  MAPI     ← provider    IMSProvider::Logon for client#1 = S_OK",
      " 7  client#2 ← MAPI      IMAPISession::OpenMsgStore = S_OK",
      " 7  client#1 ← MAPI      IMAPISession::OpenMsgStore = S_OK"
    ])
  })

  it("a call and its return that are two steps are two rows, even when nothing is between them", () => {
    const init = { call: "MSProviderInit", dll: "DEMO.DLL" }
    const events = log(call(1, { ...init, step: 2 }), back(1, { ...init, step: 3, returned: ["IMSProvider#1"] }))
    assert.deepStrictEqual(tableOf(events), [
      " 2  MAPI     → provider  MSProviderInit (DEMO.DLL)",
      " 3  MAPI     ← provider  MSProviderInit = S_OK                        IMSProvider#1"
    ])
  })

  it("a reference handed on: the count of the one who has it now", () => {
    const { refs: given } = refs("IMsgStore#1", "MAPI", 0, 1)
    const { refs: had } = refs("IMsgStore#1", "client", 1, 1)
    const events = log(
      both(1, { call: "hand over reference", to: "client", object: "IMsgStore#1", refs: [...given, ...had] })
    )
    assert.deepStrictEqual(tableOf(events), [
      " ·  MAPI     → client    hand over reference                          IMsgStore#1: 1 (client 1)"
    ])
  })

  it("colours say what a row is: a step's number, what is outside the nine, what failed", () => {
    const show = (name: string) => (text: string) => `<${name} ${text}>`
    const paint: Table.Paint = { step: show("step"), failure: show("failure"), dim: show("dim") }
    const logoff = { call: "IMSLogon::Logoff" }
    const events = log(both(1, { ...logoff, step: 9 }), both(2, logoff), both(3, logoff, { result: "MAPI_E_BUSY" }))
    assert.deepStrictEqual(
      Line.lines(events).flatMap((line) => Table.rows(line, paint)),
      [
        "<step  9  >MAPI     → provider  IMSLogon::Logoff = S_OK",
        "<dim  ·  ><dim MAPI     → provider  IMSLogon::Logoff = S_OK>",
        "<dim  ·  ><failure MAPI     → provider  IMSLogon::Logoff = MAPI_E_BUSY>"
      ]
    )
  })

  it("reading an open store is left out of a diagram, unless it fails; loading and closing never are", () => {
    const names = [
      "IMsgStore::OpenEntry",
      "new IMAPIFolder",
      "IMAPIFolder::GetProps",
      "IMsgStore::Release",
      "IMsgStore::AddRef"
    ]
    const events = log(...names.map((name, n) => both(n, { call: name })))
    const kept = events.filter((event) => !Line.isReading(event))
    assert.deepStrictEqual(Array.from(new Set(kept.map((event) => event.call))), [
      "IMsgStore::Release",
      "IMsgStore::AddRef"
    ])
    const failed = log(both(1, { call: "IMsgStore::OpenEntry" }, { result: "MAPI_E_NOT_FOUND" }))
    assert.deepStrictEqual(failed.map(Line.isReading), [true, false])
  })

  it.prop(
    "whatever a log says, its rows are at most 100 columns wide and no terminal takes them for commands",
    { call: Schema.String, note: Schema.String, flags: Schema.Array(Schema.String) },
    ({ call: name, flags, note }) => {
      const events = log(both(1, { call: name, flags }, { note }))
      for (const row of tableOf(events)) {
        assert.isAtMost(Array.from(row).length, 100)
        assert.notMatch(row, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }
    }
  )
})
