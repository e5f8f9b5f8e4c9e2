import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { OneInit } from "../../src/laws/OneInit.ts"
import { outcome } from "./judged.ts"

const init: Example.Call = { call: "MSProviderInit", dll: "DEMO.DLL", returned: ["IMSProvider#1"] }
const failed: Example.Call = { ...init, returned: [], result: "MAPI_E_VERSION" }
const logon: Example.Call = { call: "IMSProvider::Logon", object: "IMSProvider#1", dll: "DEMO.DLL" }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(OneInit, Example.log(...calls))

describe("OneInit", () => {
  it.each([
    ["one init, and then logons", [init, logon, logon], 1],
    ["another session has its own", [init, { ...init, session: "IMAPISession#2" }], 2],
    ["another DLL has its own", [init, { ...init, dll: "OTHER.DLL" }], 2],
    ["one that failed is tried again", [failed, failed, init], 1],
    ["a warning is a success", [{ ...init, result: "MAPI_W_ERRORS_RETURNED" }, logon], 1]
  ])("%s", (_, calls, subjects) => {
    assert.strictEqual(said(...calls), `holds of ${subjects}`)
  })

  const expected = "expected the IMSProvider that the session already has for this DLL, and no second MSProviderInit"
  it.each([
    ["a second after a success", [init, init], 3],
    ["whatever the case of the DLL's name", [init, { ...init, dll: "demo.dll" }], 3],
    ["a second while the first is under way", [{ ...init, inside: [init] }], 2],
    ["one after a success, and a failure before it", [failed, init, init], 5]
  ])("is broken by %s", (_, calls, seq) => {
    assert.strictEqual(
      said(...calls),
      `OneInit of DEMO.DLL in IMAPISession#1, at ${seq} MSProviderInit call: ${expected}`
    )
  })

  it("is not judged of a DLL whose init the log does not show", () => {
    assert.strictEqual(said(logon), "not judged: the log does not show an MSProviderInit of DEMO.DLL in IMAPISession#1")
  })

  it("is not judged where nobody saw an init", () => {
    assert.strictEqual(
      outcome(OneInit, Example.log(logon), ["IMSProvider::*"]),
      "not judged: the log has no MSProviderInit"
    )
  })
})
