import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { StoreFromSuccess } from "../../src/laws/StoreFromSuccess.ts"
import { outcome } from "./judged.ts"

const store = "IMsgStore#1"
const name = "IMAPISession::OpenMsgStore"
const open = (given: Partial<Example.Call>, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: name,
  returned: [store],
  ...given,
  inside
})
const logon = (given: Partial<Example.Call> = {}): Example.Call => ({
  call: "IMSProvider::Logon",
  returned: ["IMSLogon#1", store],
  ...given
})
const failed = { result: "MAPI_E_UNCONFIGURED", returned: [] }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(StoreFromSuccess, Example.log(...calls))
const broken = (at: number, expected: string) =>
  `StoreFromSuccess of call 1, at ${at} ${name} return: expected ${expected}`
const nested: Example.Call = { call: "IMsgStore::Release", inside: [{ call: "IMAPISupport::Release" }] }

describe("StoreFromSuccess", () => {
  it.each([
    ["the store of a new logon", open({}, logon())],
    ["of a repeat, whose IMSLogon is null", open({}, logon({ returned: [store] }))],
    [
      "of a Logon with a warning",
      open({ result: "MAPI_W_ERRORS_RETURNED" }, logon({ result: "MAPI_W_ERRORS_RETURNED" }))
    ],
    ["of the second Logon, after one that failed", open({}, logon(failed), logon())],
    ["nothing, where Logon failed", open(failed, logon(failed))],
    ["nothing, where there was none", open(failed)],
    ["nothing, where the client has gone", open({ result: "interrupted", returned: [] }, logon())]
  ])("%s", (_, opened) => {
    assert.strictEqual(said(nested, opened), "holds of 1")
  })

  it.each([
    [
      "a store without a Logon",
      open({}, { call: "MSProviderInit" }),
      4,
      "no store for the client without a Logon of this open"
    ],
    [
      "a store of a Logon that failed",
      open({}, logon(failed)),
      4,
      "no store for the client from a Logon that failed: MAPI_E_UNCONFIGURED"
    ],
    [
      "or of one before that",
      open({}, logon(), logon(failed)),
      6,
      "no store for the client from a Logon that failed: MAPI_E_UNCONFIGURED"
    ],
    [
      "another store",
      open({ returned: ["IMsgStore#2"] }, logon()),
      4,
      `the store that Logon returned, and it alone: ${store}`
    ],
    [
      "the store of the first of two",
      open({}, logon(), logon({ returned: ["IMsgStore#2"] })),
      6,
      "the store that Logon returned, and it alone: IMsgStore#2"
    ],
    ["no store", open({ returned: [] }, logon()), 4, `the store that Logon returned, and it alone: ${store}`],
    [
      "another store too",
      open({ returned: [store, "IMsgStore#2"] }, logon()),
      4,
      `the store that Logon returned, and it alone: ${store}`
    ],
    [
      "the IMSLogon too",
      open({ returned: ["IMSLogon#1", store] }, logon()),
      4,
      `the store that Logon returned, and it alone: ${store}`
    ],
    [
      "the IMSLogon instead",
      open({ returned: ["IMSLogon#1"] }, logon()),
      4,
      `the store that Logon returned, and it alone: ${store}`
    ],
    [
      "a store that Logon did not return",
      open({}, logon({ returned: ["IMSLogon#1"] })),
      4,
      "the store that Logon returned, and it alone: it returned none"
    ],
    [
      "a store with a failure",
      open({ result: "MAPI_E_CALL_FAILED" }, logon(failed)),
      4,
      "no store for a client that is told of a failure"
    ]
  ])("is broken by %s", (_, opened, at, expected) => {
    assert.strictEqual(said(opened), broken(at, expected))
  })

  it("is broken by a store before Logon has returned", () => {
    const events = Example.log(open({}, logon()))
    const early = [0, 1, 3, 2].flatMap((at) => events.slice(at, at + 1))
    assert.strictEqual(outcome(StoreFromSuccess, early), broken(4, "no store for the client before Logon has returned"))
  })

  it("looks at the Logons of the open itself", () => {
    const inner = open({ returned: ["IMsgStore#2"] }, logon({ returned: ["IMsgStore#2"] }))
    assert.strictEqual(said(open({}, logon({ inside: [inner] }))), "holds of 2")
    assert.strictEqual(
      said(open({}, { call: "IMSProvider::CompareStoreIDs" })),
      broken(4, "no store for the client without a Logon of this open")
    )
  })

  it("is not judged where no store is named, or an open does not return", () => {
    const why = "not judged: the log does not say which store an OpenMsgStore and its Logon return"
    assert.strictEqual(said(open({ returned: [] }, logon({ returned: [] }))), why)
    const cut = Example.log(open({}, logon())).slice(0, -1)
    assert.strictEqual(outcome(StoreFromSuccess, cut), "not judged: an OpenMsgStore did not return")
  })

  it.each([name, "IMSProvider::Logon"])("needs %s", (need) => {
    const sees = [name, "IMSProvider::Logon"].filter((call) => call !== need)
    assert.strictEqual(outcome(StoreFromSuccess, Example.log(nested), sees), `not judged: the log has no ${need}`)
  })

  it("needs to know within which open a call was made", () => {
    assert.strictEqual(said(open({}), logon()), "not judged: the log does not say within which call another was made")
  })
})
