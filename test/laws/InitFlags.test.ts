import { assert, describe, it } from "@effect/vitest"
import type * as Example from "../../src/laws/Example.ts"
import { log } from "../../src/laws/Example.ts"
import { InitFlags } from "../../src/laws/InitFlags.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const init = (...flags: ReadonlyArray<string>): Example.Call => ({ call: "MSProviderInit", dll: "DEMO.DLL", flags })
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(InitFlags, log(...calls))
const expected = "expected no flag but MAPI_NT_SERVICE"

describe("InitFlags", () => {
  it.each([
    ["no flags", init()],
    ["a service's", init("MAPI_NT_SERVICE")],
    ["a failure's too", { ...init("MAPI_NT_SERVICE"), result: "MAPI_E_VERSION" }]
  ])("%s", (_, call) => {
    assert.strictEqual(said(call), "holds of 1")
  })

  it.each([
    ["of the open", "MDB_WRITE"],
    ["of the session", "MAPI_NO_MAIL"],
    ["of a Logon", "MAPI_UNICODE"],
    ["that nobody knows", "0x00000400"]
  ])("is broken by a flag %s", (_, flag) => {
    const [first, last] = [init(flag), init("MAPI_NT_SERVICE", flag)]
    assert.strictEqual(said(first), `InitFlags of call 1, at 1 MSProviderInit call: ${expected}`)
    assert.strictEqual(said(init(), last), `InitFlags of call 2, at 3 MSProviderInit call: ${expected}`)
  })

  it("is about MSProviderInit, and what is made in it is another call", () => {
    const logon = { ...init("MDB_WRITE"), call: "IMSProvider::Logon" }
    assert.strictEqual(said({ ...init(), inside: [logon] }, logon), "holds of 3")
  })

  it("is not judged where one does not say its flags; once told, they need not be told again", () => {
    const { flags: _, ...untold } = init()
    assert.strictEqual(said(init(), untold), "not judged: an MSProviderInit does not say its flags")
    const once = log(init()).map(({ flags, ...event }) =>
      event.phase === "call" && flags !== undefined ? { ...event, flags } : event
    )
    assert.strictEqual(outcome(InitFlags, once), "holds of 1")
  })

  it("is not judged where the log cannot show MSProviderInit", () => {
    assert.strictEqual(lacking(InitFlags, "MSProviderInit"), "not judged: the log has no MSProviderInit")
  })
})
