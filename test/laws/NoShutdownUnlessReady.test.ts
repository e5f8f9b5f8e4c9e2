import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { NoShutdownUnlessReady } from "../../src/laws/NoShutdownUnlessReady.ts"
import { outcome } from "./judged.ts"

const provider = "IMSProvider#1"
const made: Example.Call = { call: "new IMSProvider", object: provider }
const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: provider }
const init = (returned: ReadonlyArray<string>, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  returned,
  inside,
  result: returned.length === 0 ? "MAPI_E_VERSION" : "S_OK"
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(NoShutdownUnlessReady, Example.log(...calls))
const broken = (at: number) =>
  `NoShutdownUnlessReady of ${provider}, at ${at} IMSProvider::Shutdown call: expected no Shutdown of an IMSProvider that no MSProviderInit has returned`

describe("NoShutdownUnlessReady", () => {
  it("one that MSProviderInit returned is shut down", () => {
    assert.strictEqual(said(init([provider], made), shutdown), "holds of 1")
  })

  it("one of a version too low is not", () => {
    assert.strictEqual(said(init([], made)), "holds of 1")
    assert.strictEqual(said(init([], made), shutdown), broken(5))
    assert.strictEqual(said(init([], made, shutdown)), broken(4))
  })

  it("nor one that will still be returned, nor for another that is", () => {
    assert.strictEqual(said(init([provider], made, shutdown)), broken(4))
    assert.strictEqual(said(init(["IMSProvider#2"], made), shutdown), broken(5))
  })

  it("nor one that another call hands out, or that a failing MSProviderInit counts", () => {
    const query: Example.Call = { call: "IMSProvider::QueryInterface", object: provider, returned: [provider] }
    const counting = (at: number, ...calls: ReadonlyArray<Example.Call>) =>
      Example.log(...calls).map((event) =>
        event.seq === at ? { ...event, refs: Example.counted(provider, "MAPI", 1, 1) } : event
      )
    assert.strictEqual(outcome(NoShutdownUnlessReady, counting(6, init([], made), query, shutdown)), broken(7))
    assert.strictEqual(outcome(NoShutdownUnlessReady, counting(4, init([], made), shutdown)), broken(5))
  })

  it("one whose birth the log does not show may have been returned before", () => {
    assert.strictEqual(said(shutdown), "holds of 1")
  })

  it.each(["MSProviderInit", "new IMSProvider", "IMSProvider::Shutdown"])("needs %s", (need) => {
    const sees = ["MSProviderInit", "new IMSProvider", "IMSProvider::Shutdown"].filter((call) => call !== need)
    const events = Example.log({ call: "LoadLibrary" })
    assert.strictEqual(outcome(NoShutdownUnlessReady, events, sees), `not judged: the log has no ${need}`)
  })
})
