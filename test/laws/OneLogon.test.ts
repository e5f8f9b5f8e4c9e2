import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { OneLogon } from "../../src/laws/OneLogon.ts"
import { outcome } from "./judged.ts"

const name = "IMAPISession::OpenMsgStore"
const unconfigured = "MAPI_E_UNCONFIGURED"
const logon = (passed: ReadonlyArray<string> | null, result = "S_OK"): Example.Call => ({
  call: "IMSProvider::Logon",
  result,
  ...(passed === null ? {} : { passed })
})
const one = ["IMAPISupport#1"]
const two = ["IMAPISupport#2"]
const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({ call: name, inside })
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(OneLogon, Example.log(...calls))
const broken = (at: number, expected: string) =>
  `OneLogon of call 1, at ${at} IMSProvider::Logon call: expected ${expected}`
const other = "no other Logon in this open: one more only after a first that returned MAPI_E_UNCONFIGURED"
const nested: Example.Call = { call: "IMsgStore::Release", inside: [{ call: "IMAPISupport::Release" }] }

describe("OneLogon", () => {
  it.each([
    ["one Logon, whatever else there is", open({ call: "MSProviderInit" }, logon(one), { call: "give entry id" })],
    ["none", open({ call: "MSProviderInit" })],
    ["one that fails", open(logon(one, "MAPI_E_FAILONEPROVIDER"))],
    ["one that is not configured, and no other", open(logon(one, unconfigured))],
    ["or another, with a support object of its own", open(logon(one, unconfigured), logon(two))],
    ["which fails alike", open(logon(one, unconfigured), logon(two, unconfigured))],
    ["a support object besides other things", open(logon(["X#1", ...one], unconfigured), logon(["X#1", ...two]))]
  ])("%s", (_, opened) => {
    assert.strictEqual(said(nested, opened), "holds of 1")
  })

  it("each open has its own", () => {
    assert.strictEqual(said(open(logon(one)), open(logon(two))), "holds of 2")
    assert.strictEqual(said(open({ ...logon(one), inside: [open(logon(two))] })), "holds of 2")
  })

  it.each([
    ["a second after a success", open(logon(one), logon(two)), 4, other],
    ["a second after another failure", open(logon(one, "MAPI_E_FAILONEPROVIDER"), logon(two)), 4, other],
    ["a third", open(logon(one, unconfigured), logon(two, unconfigured), logon(["IMAPISupport#3"])), 6, other],
    [
      "the same support object again",
      open(logon(one, unconfigured), logon(one)),
      4,
      "a fresh support object for the second Logon, not IMAPISupport#1 again"
    ]
  ])("is broken by %s", (_, opened, at, expected) => {
    assert.strictEqual(said(opened), broken(at, expected))
  })

  it("is broken by a second while the first has not returned", () => {
    const events = Example.log(open(logon(one), logon(two)))
    const early = [0, 1, 3, 2, 4, 5].flatMap((at) => events.slice(at, at + 1))
    assert.strictEqual(outcome(OneLogon, early), broken(4, other))
  })

  it("is not judged where a support object is not named, or an open does not return", () => {
    const why = "not judged: a Logon does not say which support object it was given"
    assert.strictEqual(said(open(logon(null, unconfigured), logon(two))), why)
    assert.strictEqual(said(open(logon(one, unconfigured), logon(null))), why)
    assert.strictEqual(said(open(logon(null))), "holds of 1")
    const cut = Example.log(open(logon(one))).slice(0, -1)
    assert.strictEqual(outcome(OneLogon, cut), "not judged: an OpenMsgStore did not return")
  })

  it.each([name, "IMSProvider::Logon"])("needs %s", (need) => {
    const sees = [name, "IMSProvider::Logon"].filter((call) => call !== need)
    assert.strictEqual(outcome(OneLogon, Example.log(nested), sees), `not judged: the log has no ${need}`)
  })

  it("needs to know within which open a call was made", () => {
    const why = "not judged: the log does not say within which call another was made"
    assert.strictEqual(said(open(), logon(one), logon(two)), why)
  })
})
