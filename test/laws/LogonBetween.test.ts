import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { LogonBetween } from "../../src/laws/LogonBetween.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const provider = "IMSProvider#1"
const made: Example.Call = { call: "new IMSProvider", object: provider }
const initWith = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  inside,
  returned: [provider]
})
const init = initWith(made)
const tooOld: Example.Call = { ...init, result: "MAPI_E_VERSION" }
const on = (name: string): Example.Call => ({ call: `IMSProvider::${name}`, object: provider })
const shutdown = on("Shutdown")
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(LogonBetween, Example.log(...calls))
const broken = (at: string, expected: string) => `LogonBetween of ${provider}, at ${at} call: expected ${expected}`
const calls = ["Logon", "SpoolerLogon", "CompareStoreIDs", "QueryInterface"]

describe("LogonBetween", () => {
  it("holds of every call between the return of MSProviderInit and Shutdown, and of a Release after it", () => {
    assert.strictEqual(said(init, ...calls.map(on), shutdown, on("Release")), "holds of 1")
    assert.strictEqual(said(init, on("AddRef"), shutdown, on("Release")), "holds of 1")
    assert.strictEqual(said(initWith(), on("Logon")), "holds of 1")
  })

  it("a call that is under way may return later, and another object is another's", () => {
    const open = { ...on("Logon"), inside: [shutdown, { call: "IMsgStore::GetProps", object: "IMsgStore#1" }] }
    assert.strictEqual(said(init, open), "holds of 1")
  })

  it.each(calls)("is broken by %s before MSProviderInit has returned the object, and after Shutdown", (name) => {
    const early = `MSProviderInit to have returned ${provider} before it is called`
    assert.strictEqual(said(initWith(made, on(name))), broken(`4 IMSProvider::${name}`, early))
    assert.strictEqual(said(tooOld, on(name)), broken(`5 IMSProvider::${name}`, early))
    const late = `no call but Release on ${provider} after Shutdown`
    assert.strictEqual(said(init, shutdown, on(name)), broken(`7 IMSProvider::${name}`, late))
    assert.strictEqual(said(init, { ...shutdown, inside: [on(name)] }), broken(`6 IMSProvider::${name}`, late))
  })

  it("a Shutdown is for good", () => {
    const late = `no call but Release on ${provider} after Shutdown`
    assert.strictEqual(said(shutdown, init, on("Logon")), broken("7 IMSProvider::Logon", late))
    assert.strictEqual(said(init, shutdown, on("AddRef")), broken("7 IMSProvider::AddRef", late))
  })

  it("is not judged where the log does not show the MSProviderInit", () => {
    const unseen = `not judged: the log does not show the MSProviderInit that made ${provider}`
    assert.strictEqual(said(on("Logon"), shutdown), unseen)
    assert.strictEqual(said(on("Logon")), `not judged: the log does not show the MSProviderInit that made ${provider}`)
  })

  it.each(["MSProviderInit", "IMSProvider::Shutdown"])("is not judged where the log cannot show %s", (need) => {
    assert.strictEqual(lacking(LogonBetween, need), `not judged: the log has no ${need}`)
  })
})
