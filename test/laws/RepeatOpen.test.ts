import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { RepeatOpen } from "../../src/laws/RepeatOpen.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const other = Example.id.unwrapped.replace(/..$/, "ff")
const logon = (
  returned: ReadonlyArray<string>,
  inside: ReadonlyArray<Example.Call> = [],
  given: Partial<Example.Call> = {}
): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  entryId: Example.id.unwrapped,
  returned,
  inside,
  ...given
})
const counting = (call: string, number: number, holder: string, count: number, total: number): Example.Call => ({
  call,
  object: `IMsgStore#${number}`,
  refs: Example.counted(`IMsgStore#${number}`, holder, count, total)
})
const makes = (number = 1) => counting("new IMsgStore", number, "MAPI", 1, 1)
const first = logon(["IMSLogon#1", "IMsgStore#1"], [makes()])
const addRef = counting("IMsgStore::AddRef", 1, "client", 1, 2)
const released = (left: number) => counting("IMsgStore::Release", 1, "MAPI", 0, left)
const spooled = counting("IMsgStore::AddRef", 1, "spooler", 1, 2)
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const support: Example.Call = {
  call: "new IMAPISupport",
  object: "IMAPISupport#1",
  refs: Example.counted("IMAPISupport#1", "MAPI", 1, 1)
}
const afresh = logon(["IMSLogon#2", "IMsgStore#2"], [makes(2)])

const said = (...calls: ReadonlyArray<Example.Call>): string => outcome(RepeatOpen, Example.log(...calls))

describe("RepeatOpen", () => {
  it.each([
    ["a repeat without a logon", [first, logon(["IMsgStore#1"], [addRef])]],
    ["or with the one that is there", [first, logon(["IMSLogon#1", "IMsgStore#1"])]],
    [
      "one that answers before the Logon that makes the store",
      [{ ...first, inside: [makes(), logon(["IMsgStore#1"])] }]
    ],
    ["a failed one, whatever it answers", [first, logon(["IMsgStore#7"], [], { result: "MAPI_E_LOGON_FAILED" })]],
    ["a store afresh, once the last client has let go", [first, released(0), afresh]],
    ["though the spooler still has the old one", [first, spooled, released(1), afresh]],
    ["and again and again", [first, released(0), afresh, logon(["IMsgStore#2"])]],
    ["after a store that nobody got", [logon([], [makes()], { result: "MAPI_E_CALL_FAILED" }), afresh]],
    ["another store under another id", [first, logon(["IMSLogon#1", "IMsgStore#7"], [], { entryId: other })]],
    ["stores that were made for another id", [logon(["IMsgStore#7"], [support]), logon(["IMsgStore#8"])]],
    ["what comes in the end of a session", [first, { ...logoff, inside: [afresh] }]]
  ])("has nothing against %s", (_, calls) => {
    assert.match(said(...calls), /^holds/)
  })

  const store = (number: number) => `IMsgStore#${number}, which is open under this entry id, and no other store`
  it.each([
    ["another store", [first, logon(["IMsgStore#7"])], `6 IMSProvider::Logon return: expected ${store(1)}`],
    ["a store afresh while one is open", [first, afresh], `8 IMSProvider::Logon return: expected ${store(1)}`],
    [
      "also while one of two clients is left",
      [first, addRef, released(1), afresh],
      `12 IMSProvider::Logon return: expected ${store(1)}`
    ],
    ["with the spooler beside", [first, spooled, afresh], `10 IMSProvider::Logon return: expected ${store(1)}`],
    [
      "also after the store was opened afresh",
      [first, released(0), afresh, logon(["IMsgStore#7"])],
      `12 IMSProvider::Logon return: expected ${store(2)}`
    ],
    [
      "another IMSLogon",
      [first, logon(["IMSLogon#7", "IMsgStore#1"])],
      "6 IMSProvider::Logon return: expected IMSLogon#1, which belongs to IMsgStore#1, or no IMSLogon"
    ],
    [
      "another IMSLogon, after a repeat without one",
      [{ ...first, inside: [makes(), logon(["IMsgStore#1"])] }, logon(["IMSLogon#7", "IMsgStore#1"])],
      "8 IMSProvider::Logon return: expected IMSLogon#1, which belongs to IMsgStore#1, or no IMSLogon"
    ],
    [
      "another IMSLogon, though a repeat came without one",
      [first, logon(["IMsgStore#1"]), logon(["IMSLogon#7", "IMsgStore#1"])],
      "8 IMSProvider::Logon return: expected IMSLogon#1, which belongs to IMsgStore#1, or no IMSLogon"
    ],
    [
      "another IMSLogon under an id of other bytes",
      [first, logon(["IMSLogon#7", "IMsgStore#1"], [], { entryId: other })],
      "6 IMSProvider::Logon return: expected IMSLogon#1, which belongs to IMsgStore#1, or no IMSLogon"
    ]
  ])("is broken by %s", (_, calls, expected) => {
    const at = `RepeatOpen of IMSProvider#1 ${Example.id.unwrapped}, at`
    assert.strictEqual(said(...calls), `${at} ${expected}`)
  })

  it("is not judged without counts, or where nobody saw a Release", () => {
    const events = Example.log(first).map((event) => ({ ...event, refs: [] }))
    assert.strictEqual(outcome(RepeatOpen, events), "not judged: the log has no counts")
    assert.strictEqual(lacking(RepeatOpen, "IMsgStore::Release"), "not judged: the log has no IMsgStore::Release")
  })
})
