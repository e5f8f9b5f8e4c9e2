import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { TransportsOnce } from "../../src/laws/TransportsOnce.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const { lastRelease, logon, transports } = Closing
const support = "IMAPISupport#1"
const addRef: Example.Call = { call: "IMAPISupport::AddRef", object: support }
const release: Example.Call = { call: "IMAPISupport::Release", object: support }
const dropped: Example.Call = { ...release, from: "MAPI" }
const { flags: _, ...untold } = transports
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(TransportsOnce, Example.log(...calls))
const before = "StoreLogoffTransports, once, before the provider releases its support object"

describe("TransportsOnce", () => {
  it.each([
    ["once, before the last Release", [logon, dropped, transports, lastRelease()]],
    ["while the Logon is still inside", [{ ...logon, inside: [addRef, transports, release] }, dropped]],
    ["a Release that is not its last comes when it likes", [logon, addRef, release, transports, release]],
    ["a repeat keeps no support object, and closes no store", [{ ...logon, inside: [] }, dropped]],
    ["nor does a Logon that fails", [{ ...logon, inside: [addRef, release], result: "MAPI_E_NO_ACCESS" }, dropped]],
    ["whatever it leaves behind", [{ ...logon, inside: [addRef], result: "MAPI_E_NO_ACCESS" }, release]],
    ["nor a SpoolerLogon", [{ ...logon, call: "IMSProvider::SpoolerLogon" }, release]],
    ["what another support object is told does not count", [logon, transports, { ...transports, object: null }]]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it.each([
    ["none", [logon, dropped, release], "11 IMAPISupport::Release call", before],
    ["none in time", [logon, release, transports], "9 IMAPISupport::Release call", before],
    ["none of two references", [logon, addRef, release, release], "13 IMAPISupport::Release call", before],
    [
      "two",
      [logon, transports, transports],
      "11 IMAPISupport::StoreLogoffTransports call",
      "StoreLogoffTransports once for each open store; it has been called already"
    ],
    [
      "two flags",
      [logon, { ...transports, flags: ["LOGOFF_ABORT", "LOGOFF_PURGE"] }],
      "9 IMAPISupport::StoreLogoffTransports call",
      "exactly one flag: that of the last StoreLogoff, or LOGOFF_ABORT"
    ],
    [
      "or no flag",
      [logon, { ...transports, flags: [] }],
      "9 IMAPISupport::StoreLogoffTransports call",
      "exactly one flag: that of the last StoreLogoff, or LOGOFF_ABORT"
    ]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), `TransportsOnce of logon 1, at ${at}: expected ${expected}`)
  })

  it("is not judged where the log does not show the close, the flag or the support object", () => {
    assert.strictEqual(said(logon), "not judged: the log does not show the close of a store")
    assert.strictEqual(said(logon, untold), "not judged: a StoreLogoffTransports does not say its flags")
    const { passed: _, ...bare } = logon
    assert.strictEqual(said(bare), "not judged: a Logon does not say which support object it was given")
  })

  it.each(["IMAPISupport::StoreLogoffTransports", "IMAPISupport::AddRef", "IMAPISupport::Release"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(TransportsOnce, need), `not judged: the log has no ${need}`)
    }
  )
})
