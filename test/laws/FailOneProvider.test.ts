import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { FailOneProvider } from "../../src/laws/FailOneProvider.ts"
import { outcome } from "./judged.ts"

type Calls = ReadonlyArray<Example.Call>

const logon = (result: string, given: Partial<Example.Call> = {}): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  dll: "demo.dll",
  result,
  ...given
})
const open = (error: string | null, ...inside: Calls): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  entryId: Example.id.wrapped,
  inside,
  ...(error === null ? {} : { result: "MAPI_E_CALL_FAILED", error })
})
const refused = open("ProviderDisabled")
const said = (...calls: Calls) => outcome(FailOneProvider, Example.log(...calls))
const broken = (at: number) =>
  new RegExp(
    `^FailOneProvider of .*, at ${at} IMAPISession::OpenMsgStore return: expected the provider to be asked: ` +
      "no Logon of it failed in a way that disables it in this session$"
  )

describe("FailOneProvider", () => {
  it.each([
    "MAPI_E_FAILONEPROVIDER",
    "MAPI_E_UNKNOWN_FLAGS",
    "MAPI_E_INTERFACE_NOT_SUPPORTED",
    "interrupted",
    "S_OK",
    "MAPI_W_ERRORS_RETURNED"
  ])("is broken by a refusal after nothing but %s", (result) => {
    assert.match(said(logon(result), refused), broken(4))
  })

  it("is broken by a refusal after the failure of another provider, or in another session", () => {
    assert.match(said(logon("MAPI_E_LOGON_FAILED", { dll: "OTHER.DLL" }), refused), broken(4))
    assert.match(said(logon("MAPI_E_LOGON_FAILED", { session: "IMAPISession#2" }), refused), broken(4))
  })

  it("is broken by a refusal after an Unconfigured that was mended", () => {
    const mended = open(
      null,
      logon("MAPI_E_UNCONFIGURED"),
      { call: "MSG_SERVICE_CONFIGURE", dll: "DEMO.DLL" },
      logon("S_OK")
    )
    assert.match(said(mended, refused), broken(10))
  })

  const holds: ReadonlyArray<readonly [string, Calls]> = [
    ["the client opens again, and gets its store", [logon("MAPI_E_FAILONEPROVIDER"), open(null, logon("S_OK"))]],
    ["it may fail otherwise", [logon("MAPI_E_FAILONEPROVIDER"), open("FailOneProvider")]],
    ["another failure disables the provider", [logon("MAPI_E_USER_CANCEL"), logon("MAPI_E_FAILONEPROVIDER"), refused]],
    ["what is not configured is disabled", [open("Unconfigured", logon("MAPI_E_UNCONFIGURED")), refused]],
    ["or may be, as far as the log shows", [open("InvalidObject", logon("MAPI_E_UNCONFIGURED")), refused]]
  ]
  it.each(holds)("%s", (_, calls) => {
    assert.match(said(...calls), /^holds/)
  })
})
