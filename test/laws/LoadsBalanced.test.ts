import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { LoadsBalanced } from "../../src/laws/LoadsBalanced.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const load: Example.Call = { call: "LoadLibrary", dll: "DEMO.DLL" }
const missing: Example.Call = { ...load, result: "MAPI_E_CALL_FAILED" }
const free: Example.Call = { call: "FreeLibrary", dll: "demo.dll" }
const init: Example.Call = { call: "MSProviderInit", dll: "Demo.dll", returned: ["IMSProvider#1"] }
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(LoadsBalanced, Example.log(...calls))
const broken = (at: string, expected: string) => `LoadsBalanced of DEMO.DLL, at ${at}: expected ${expected}`

describe("LoadsBalanced", () => {
  it.each([
    ["one LoadLibrary for many inits, and one FreeLibrary", [load, init, init, logoff, free]],
    ["a LoadLibrary that fails loads nothing, and may be tried again", [missing, missing, load, free]],
    ["what is freed may be loaded again", [load, free, load, free]],
    ["nothing was loaded, and nothing is freed", [missing]]
  ])("%s", (_, calls) => {
    assert.include(said(...calls), "holds of ")
  })

  it.each([
    [
      "a second LoadLibrary",
      [load, load],
      "3 LoadLibrary call",
      "no LoadLibrary of DEMO.DLL: it has been called, and nothing is freed yet"
    ],
    [
      "one while the first is under way",
      [{ ...load, inside: [load] }],
      "2 LoadLibrary call",
      "no LoadLibrary of DEMO.DLL: it has been called, and nothing is freed yet"
    ],
    [
      "a FreeLibrary without a LoadLibrary",
      [free],
      "1 FreeLibrary call",
      "FreeLibrary only of a DLL that is loaded, once for its LoadLibrary; demo.dll is not"
    ],
    [
      "or after one that failed",
      [missing, free],
      "3 FreeLibrary call",
      "FreeLibrary only of a DLL that is loaded, once for its LoadLibrary; demo.dll is not"
    ],
    [
      "a second FreeLibrary",
      [load, free, free],
      "5 FreeLibrary call",
      "FreeLibrary only of a DLL that is loaded, once for its LoadLibrary; demo.dll is not"
    ],
    [
      "an MSProviderInit while the DLL is being loaded",
      [{ ...load, inside: [init] }],
      "2 MSProviderInit call",
      "LoadLibrary of Demo.dll to have succeeded before MSProviderInit is called"
    ],
    [
      "or after its load has failed",
      [missing, init],
      "3 MSProviderInit call",
      "LoadLibrary of Demo.dll to have succeeded before MSProviderInit is called"
    ],
    ["a DLL that is never freed", [load, init, logoff], "2 LoadLibrary return", "FreeLibrary of DEMO.DLL in the end"]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), broken(at, expected))
  })

  it("is not judged of a log that is cut off, or does not show the load", () => {
    assert.strictEqual(said(load, init), "not judged: the log ends before its session does")
    assert.strictEqual(said(init), "not judged: the log does not show the LoadLibrary of DEMO.DLL")
    const cut = Example.log(load).slice(0, 1)
    assert.strictEqual(outcome(LoadsBalanced, cut), "not judged: a LoadLibrary did not return")
  })

  it("is about each DLL for itself", () => {
    assert.strictEqual(said(load, { ...load, dll: "OTHER.DLL" }, free, { ...free, dll: "other.dll" }), "holds of 2")
  })

  it.each(["LoadLibrary", "FreeLibrary", "MSProviderInit"])("is not judged where the log cannot show %s", (need) => {
    assert.strictEqual(lacking(LoadsBalanced, need), `not judged: the log has no ${need}`)
  })
})
