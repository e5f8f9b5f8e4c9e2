import { assert, describe, it } from "@effect/vitest"
import * as Coverage from "../../src/laws/Coverage.ts"
import * as Example from "../../src/laws/Example.ts"

const lacks = (
  calls: ReadonlyArray<string | Example.Call>,
  needs: ReadonlyArray<string>,
  sees?: ReadonlyArray<string>
) => {
  const coverage = Coverage.make(sees)
  for (const event of Example.log(...calls.map((call) => (typeof call === "string" ? { call } : call))))
    coverage.add(event)
  return coverage.lacks(needs)
}

describe("what a log shows", () => {
  it("is what it has, and what is made at the same place: that was not made", () => {
    assert.strictEqual(
      lacks(["IMSProvider::Logon"], ["IMSProvider::Logon", "MSProviderInit", "IMSLogon::Logoff"]),
      null
    )
    assert.strictEqual(lacks(["LoadLibrary"], ["give entry id", "withdraw entry id", "FreeLibrary"]), null)
    assert.strictEqual(lacks(["IMAPISession::Logoff"], ["IMAPISession::OpenMsgStore"]), null)
    assert.strictEqual(lacks(["new IMsgStore"], ["new IMSProvider"]), null)
  })

  it.each([
    ["IMAPISession::OpenMsgStore", ["IMSProvider::Logon"]],
    ["give entry id", ["IMSProvider::Logon"]],
    ["new IMsgStore", ["IMSProvider::Logon"]],
    ["IMSProvider::Logon", ["IMAPISession::OpenMsgStore"]],
    ["MSG_SERVICE_CONFIGURE", ["IMSProvider::Logon"]],
    ["IMSProvider::Logon", ["IMsgStore::GetProps"]],
    ["IMsgStore::Release", ["IMSProvider::Logon"]]
  ])("is not %s, where it only has %j", (need, calls) => {
    assert.strictEqual(lacks(calls, [need]), `the log has no ${need}`)
  })

  it("counts, and what was made within what", () => {
    const counted: Example.Call = { call: "IMsgStore::Release", refs: Example.counted("IMsgStore#1", "client", 0, 0) }
    const nested: Example.Call = { call: "IMSProvider::Logon", inside: [{ call: "new IMsgStore" }] }
    assert.strictEqual(lacks(["IMsgStore::Release"], ["counts"]), "the log has no counts")
    assert.strictEqual(lacks([counted], ["counts"]), null)
    const without = "the log does not say within which call another was made"
    assert.strictEqual(lacks([counted], ["nesting"]), without)
    assert.strictEqual(lacks([nested], ["nesting"]), null)
  })

  it("which support object each Logon was given", () => {
    const logon: Example.Call = { call: "IMSProvider::Logon", passed: ["IMAPISupport#1"] }
    const { passed: _, ...untold } = logon
    const without = "a Logon does not say which support object it was given"
    assert.strictEqual(lacks([logon, untold], ["passed"]), without)
    assert.strictEqual(lacks([{ ...logon, passed: ["Ticket#1"] }], ["passed"]), without)
    assert.strictEqual(lacks([logon, { call: "IMSProvider::SpoolerLogon" }], ["passed"]), null)
  })
})

describe("the error of an open that failed", () => {
  const failed: Example.Call = { call: "IMAPISession::OpenMsgStore", result: "MAPI_E_CALL_FAILED" }
  it("is told by every one that did, or is not shown", () => {
    const told = { ...failed, error: "LoadFailed" }
    const without = "the log does not say with which error an open failed"
    assert.strictEqual(lacks([told, failed], ["errors"]), without)
    const gone = { ...failed, result: "interrupted" }
    const opened = { call: "IMAPISession::OpenMsgStore" }
    assert.strictEqual(lacks([told, gone, opened, { ...failed, call: "IMSProvider::Logon" }], ["errors"]), null)
  })
})

describe("what a recorder says that it sees", () => {
  it("is so: by name, by interface, or all; and what the log has, it has", () => {
    const sees = ["IMSProvider::*", "MSProviderInit"]
    assert.strictEqual(lacks([], ["IMSProvider::Logon", "MSProviderInit"], sees), null)
    assert.strictEqual(lacks(["LoadLibrary"], ["IMSLogon::Logoff"], sees), "the log has no IMSLogon::Logoff")
    assert.strictEqual(lacks(["LoadLibrary"], ["give entry id"], sees), "the log has no give entry id")
    assert.strictEqual(lacks(["LoadLibrary"], ["LoadLibrary"], sees), null)
    assert.strictEqual(lacks([], ["anything"], ["*"]), null)
    assert.strictEqual(lacks([], ["counts"], ["*"]), "the log has no counts")
  })
})
