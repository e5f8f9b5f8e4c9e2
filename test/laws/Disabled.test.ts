import { assert, describe, it } from "@effect/vitest"
import { Disabled } from "../../src/laws/Disabled.ts"
import * as Example from "../../src/laws/Example.ts"
import { outcome } from "./judged.ts"

type Calls = ReadonlyArray<Example.Call>
type Given = Partial<Example.Call>

const call = (name: string, given: Given = {}): Example.Call => ({ call: name, dll: "DEMO.DLL", ...given })
const logon = (result: string, given: Given = {}) => call("IMSProvider::Logon", { result, ...given })
const failed = logon("MAPI_E_LOGON_FAILED")
const said = (...calls: Calls) => outcome(Disabled, Example.log(...calls))
const broken = (at: number, name: string) =>
  new RegExp(
    `^Disabled of .*, at ${at} ${name} call: expected no ${name} in this session: ` +
      "an earlier Logon of this provider failed for good$"
  )

describe("Disabled", () => {
  it.each(["IMSProvider::Logon", "IMSProvider::SpoolerLogon", "IMSProvider::CompareStoreIDs", "MSProviderInit"])(
    "is broken by a new %s after a Logon that failed",
    (name) => {
      assert.match(said(failed, call(name)), broken(3, name))
    }
  )

  it("is broken whatever the failure, and whatever came of a Logon that was inside", () => {
    assert.match(said(logon("MAPI_E_NOT_FOUND"), logon("S_OK")), broken(3, "IMSProvider::Logon"))
    const inside = logon("S_OK", { inside: [failed] })
    assert.match(said(inside, logon("S_OK")), broken(5, "IMSProvider::Logon"))
  })

  const unconfigured = logon("MAPI_E_UNCONFIGURED")
  const configure = (result: string) => call("MSG_SERVICE_CONFIGURE", { result })
  const open = (inside: Calls, given: Given = {}): Example.Call => ({
    call: "IMAPISession::OpenMsgStore",
    object: "IMAPISession#1",
    entryId: Example.id.wrapped,
    inside,
    ...given
  })
  const unmended: ReadonlyArray<readonly [string, Example.Call, number]> = [
    ["a second Unconfigured", open([unconfigured, configure("S_OK"), unconfigured]), 9],
    ["a service entry that failed", open([unconfigured, configure("MAPI_E_USER_CANCEL")]), 7],
    ["an open that failed so", open([unconfigured], { result: "MAPI_E_UNCONFIGURED", error: "Unconfigured" }), 5]
  ]
  it.each(unmended)("is broken by a Logon after %s", (_, failing, at) => {
    assert.match(said(failing, logon("S_OK")), broken(at, "IMSProvider::Logon"))
  })

  const holds: ReadonlyArray<readonly [string, Calls]> = [
    ["what is inside may come out", [logon("S_OK", { inside: [failed] })]],
    ["open stores close, and the provider is shut down", [failed, call("IMSProvider::Shutdown")]],
    ["another session is another matter", [failed, logon("S_OK", { session: "IMAPISession#2" })]],
    ["another provider, too", [failed, logon("S_OK", { dll: "OTHER.DLL" })]],
    ["Unconfigured may have been mended", [open([unconfigured, configure("S_OK"), logon("S_OK")]), logon("S_OK")]],
    ["or may yet be", [open([unconfigured, logon("S_OK")])]],
    ["the note disables nothing", [logon("MAPI_E_FAILONEPROVIDER"), logon("S_OK")]]
  ]
  it.each(holds)("%s", (_, calls) => {
    assert.match(said(...calls), /^holds/)
  })
})
