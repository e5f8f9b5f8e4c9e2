import { assert, describe, it } from "@effect/vitest"
import type { CallLog } from "../../src/index.ts"
import * as Example from "../../src/laws/Example.ts"
import { SuccessIsTold } from "../../src/laws/SuccessIsTold.ts"
import { outcome } from "./judged.ts"

type Events = ReadonlyArray<CallLog.Event>

const name = "IMAPISession::OpenMsgStore"
const logon = (result = "S_OK"): Example.Call => ({ call: "IMSProvider::Logon", result })
const open = (result: string, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({ call: name, result, inside })
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const invalid = "MAPI_E_INVALID_OBJECT"
const failed = "MAPI_E_FAILONEPROVIDER"

const reordered = (events: Events, ...order: ReadonlyArray<number>): Events =>
  order.flatMap((at) => events.slice(at, at + 1)).map((event, at) => ({ ...event, seq: at + 1 }))
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(SuccessIsTold, Example.log(...calls))
const broken = (at: number) =>
  `SuccessIsTold of call 1, at ${at} ${name} return: expected a success, since Logon succeeded; a warning is a success`

describe("SuccessIsTold", () => {
  it.each([
    ["a success is one", open("S_OK", logon())],
    ["so is a warning", open("MAPI_W_ERRORS_RETURNED", logon("MAPI_W_ERRORS_RETURNED"))],
    ["a failure is one", open(failed, logon(failed))],
    ["an open may fail without a Logon", open("MAPI_E_NOT_FOUND", { call: "MSProviderInit" })],
    ["the last Logon counts", open(failed, logon(), logon(failed))],
    ["a client that has gone", open("interrupted", logon())]
  ])("%s", (_, opened) => {
    assert.strictEqual(said(opened), "holds of 1")
  })

  it("a client whose session ends meanwhile is told that, before or after its Logon has returned", () => {
    const events = Example.log(open(invalid, logon()), logoff)
    // 0 open, 1 Logon, 2 its return, 3 the open's, 4 Logoff, 5 its return
    assert.strictEqual(outcome(SuccessIsTold, reordered(events, 0, 1, 2, 4, 3, 5)), "holds of 1")
    assert.strictEqual(outcome(SuccessIsTold, reordered(events, 0, 1, 4, 3, 2, 5)), "holds of 1")
    assert.strictEqual(outcome(SuccessIsTold, reordered(events, 0, 4, 1, 2, 3, 5)), "holds of 1")
  })

  it("is broken where its session ends only later, or it is told something else", () => {
    const events = Example.log(open(invalid, logon()), logoff)
    assert.strictEqual(outcome(SuccessIsTold, events), broken(4))
    assert.strictEqual(outcome(SuccessIsTold, reordered(events, 0, 1, 3, 4, 2, 5)), broken(3))
    const other = Example.log(open("MAPI_E_CALL_FAILED", logon()), logoff)
    assert.strictEqual(outcome(SuccessIsTold, reordered(other, 0, 1, 2, 4, 3, 5)), broken(5))
  })

  it.each(["S_OK", "MAPI_W_ERRORS_RETURNED"])("is broken by a failure after %s", (result) => {
    assert.strictEqual(said(open("MAPI_E_CALL_FAILED", logon(result))), broken(4))
    assert.strictEqual(said(open("MAPI_E_CALL_FAILED", logon(failed), logon(result))), broken(6))
  })

  it("is broken by a failure before Logon has returned, once it succeeds", () => {
    const told = (result: string) =>
      outcome(SuccessIsTold, reordered(Example.log(open("MAPI_E_CALL_FAILED", logon(result))), 0, 1, 3, 2))
    assert.strictEqual(told("S_OK"), broken(3))
    assert.strictEqual(told(failed), "holds of 1")
  })

  it("an interrupted client hears nothing of what its Logon brings", () => {
    const events = Example.log(open("interrupted", logon()))
    assert.strictEqual(outcome(SuccessIsTold, reordered(events, 0, 1, 3, 2)), "holds of 1")
  })

  it("looks at the Logons of the open itself", () => {
    assert.strictEqual(said(open(failed, { ...logon(failed), inside: [open("S_OK", logon())] })), "holds of 2")
  })

  it("is not judged of an open that did not return", () => {
    const cut = Example.log(open("S_OK", logon())).slice(0, -1)
    assert.strictEqual(outcome(SuccessIsTold, cut), "not judged: an OpenMsgStore did not return")
  })

  it.each([name, "IMSProvider::Logon"])("needs %s", (need) => {
    const sees = [name, "IMSProvider::Logon"].filter((call) => call !== need)
    const events = Example.log({ call: "IMsgStore::Release", inside: [{ call: "IMAPISupport::Release" }] })
    assert.strictEqual(outcome(SuccessIsTold, events, sees), `not judged: the log has no ${need}`)
  })

  it("needs to know within which open a call was made", () => {
    const why = "not judged: the log does not say within which call another was made"
    assert.strictEqual(said(open("MAPI_E_CALL_FAILED"), logon()), why)
  })
})
