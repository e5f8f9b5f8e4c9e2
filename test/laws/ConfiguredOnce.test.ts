import { assert, describe, it } from "@effect/vitest"
import { ConfiguredOnce } from "../../src/laws/ConfiguredOnce.ts"
import * as Example from "../../src/laws/Example.ts"
import { outcome } from "./judged.ts"

const name = "IMAPISession::OpenMsgStore"
const logon = (result = "S_OK"): Example.Call => ({ call: "IMSProvider::Logon", result })
const configure = (result = "S_OK"): Example.Call => ({ call: "MSG_SERVICE_CONFIGURE", result })
const unconfigured = logon("MAPI_E_UNCONFIGURED")
const open = (given: Partial<Example.Call>, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: name,
  ...given,
  inside
})
const failed = { result: "MAPI_E_UNCONFIGURED", error: "Unconfigured" }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(ConfiguredOnce, Example.log(...calls))
const broken = (at: string, expected: string) => `ConfiguredOnce of call 1, at ${at}: expected ${expected}`
const nested: Example.Call = { call: "IMsgStore::Release", inside: [{ call: "IMAPISupport::Release" }] }

const once = "MSG_SERVICE_CONFIGURE once, and only after a Logon that returned MAPI_E_UNCONFIGURED"
const first = "MSG_SERVICE_CONFIGURE to have succeeded before Logon is called once more"
const more = "Logon to be called once more, since MSG_SERVICE_CONFIGURE has succeeded"

describe("ConfiguredOnce", () => {
  it.each([
    ["configured, then once more", open({}, unconfigured, configure(), logon())],
    ["which may be in vain", open(failed, unconfigured, configure(), unconfigured)],
    ["a third Logon is another law's", open({}, unconfigured, configure(), unconfigured, logon())],
    ["a warning is a success", open({}, unconfigured, configure("MAPI_W_ERRORS_RETURNED"), logon())],
    ["a service that fails", open({ result: "MAPI_E_USER_CANCEL" }, unconfigured, configure("MAPI_E_USER_CANCEL"))],
    ["a provider without a service entry", open(failed, unconfigured)],
    ["a provider that is configured", open({}, logon())],
    [
      "a Logon that fails otherwise, and another: of that another law speaks",
      open({}, logon("MAPI_E_NOT_FOUND"), logon())
    ]
  ])("%s", (_, opened) => {
    assert.strictEqual(said(nested, opened), "holds of 1")
  })

  it.each([
    ["interrupted", undefined],
    ["MAPI_E_INVALID_OBJECT", "InvalidObject"],
    ["MAPI_E_CALL_FAILED", "ProviderDisabled"],
    ["MAPI_E_CALL_FAILED", undefined]
  ])("no other Logon for a client that is told %s (%s)", (result, error) => {
    const given = { result, ...(error === undefined ? {} : { error }) }
    assert.strictEqual(said(open(given, unconfigured, configure())), "holds of 1")
  })

  it("an interrupted client is told so before its provider is configured", () => {
    const events = Example.log(open({ result: "interrupted" }, unconfigured, configure(), logon()))
    const early = [0, 1, 2, 3, 7, 4, 5, 6].flatMap((at) => events.slice(at, at + 1))
    assert.strictEqual(outcome(ConfiguredOnce, early), "holds of 1")
  })

  it.each([
    ["a Logon that is not configured before", open({}, unconfigured, logon()), "4 IMSProvider::Logon call", first],
    [
      "a Logon after a service that failed",
      open({}, unconfigured, configure("MAPI_E_CALL_FAILED"), logon()),
      "6 IMSProvider::Logon call",
      first
    ],
    [
      "no Logon after a service that succeeded",
      open(failed, unconfigured, configure()),
      "6 IMAPISession::OpenMsgStore return",
      more
    ],
    [
      "nor an excuse that is none",
      open({ result: "MAPI_E_CALL_FAILED", error: "ProviderFailed" }, unconfigured, configure()),
      "6 IMAPISession::OpenMsgStore return",
      more
    ],
    ["a success without it", open({}, unconfigured, configure()), "6 IMAPISession::OpenMsgStore return", more],
    ["a service before any Logon", open({}, configure(), logon()), "2 MSG_SERVICE_CONFIGURE call", once],
    ["after a Logon that succeeded", open({}, logon(), configure()), "4 MSG_SERVICE_CONFIGURE call", once],
    [
      "after one that failed otherwise",
      open({}, logon("MAPI_E_LOGON_FAILED"), configure()),
      "4 MSG_SERVICE_CONFIGURE call",
      once
    ],
    ["a service twice", open({}, unconfigured, configure(), configure()), "6 MSG_SERVICE_CONFIGURE call", once],
    [
      "a service after the second Logon too",
      open({}, unconfigured, configure(), unconfigured, configure()),
      "8 MSG_SERVICE_CONFIGURE call",
      once
    ]
  ])("is broken by %s", (_, opened, at, expected) => {
    assert.strictEqual(said(opened), broken(at, expected))
  })

  it("is broken by a Logon while the service is being configured", () => {
    const events = Example.log(open({}, unconfigured, configure(), logon()))
    const early = [0, 1, 2, 3, 5, 4, 6, 7].flatMap((at) => events.slice(at, at + 1))
    assert.strictEqual(outcome(ConfiguredOnce, early), broken("6 IMSProvider::Logon call", first))
  })

  it("is not judged of an open that did not return", () => {
    const cut = Example.log(open({}, unconfigured, configure(), logon())).slice(0, -1)
    assert.strictEqual(outcome(ConfiguredOnce, cut), "not judged: an OpenMsgStore did not return")
  })

  it.each([name, "IMSProvider::Logon", "MSG_SERVICE_CONFIGURE"])("needs %s", (need) => {
    const sees = [name, "IMSProvider::Logon", "MSG_SERVICE_CONFIGURE"].filter((call) => call !== need)
    assert.strictEqual(outcome(ConfiguredOnce, Example.log(nested), sees), `not judged: the log has no ${need}`)
  })

  it("needs to know within which open a call was made", () => {
    const why = "not judged: the log does not say within which call another was made"
    assert.strictEqual(said(open({}), unconfigured, logon()), why)
  })
})
