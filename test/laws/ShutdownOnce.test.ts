import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { ShutdownOnce } from "../../src/laws/ShutdownOnce.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const provider = "IMSProvider#1"
const init: Example.Call = {
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  inside: [{ call: "new IMSProvider", object: provider, refs: Example.counted(provider, "MAPI", 1, 1) }],
  returned: [provider]
}
const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: provider }
const release = (from: string, count: number, total: number): Example.Call => ({
  call: "IMSProvider::Release",
  object: provider,
  from,
  refs: Example.counted(provider, from, count, total)
})
const last = release("MAPI", 0, 0)
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(ShutdownOnce, Example.log(...calls))
const broken = (at: string, expected: string) => `ShutdownOnce of ${provider}, at ${at}: expected ${expected}`
const before = `Shutdown of ${provider} to have returned before MAPI's last Release of it`

describe("ShutdownOnce", () => {
  it.each([
    ["Shutdown, then Release, before the session has ended or after", [init, logoff, shutdown, last]],
    ["a Shutdown that fails is one all the same", [init, { ...shutdown, result: "MAPI_E_CALL_FAILED" }, last]],
    ["one of two references goes when MAPI likes", [init, release("MAPI", 1, 1), shutdown, last]],
    ["the provider's own too", [init, release("provider", 0, 1), shutdown, last]],
    ["what a failed MSProviderInit has made is just released", [{ ...init, result: "MAPI_E_VERSION" }, last, logoff]]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it.each([
    ["a Release without it", [init, last], "5 IMSProvider::Release call", before],
    ["a Release inside it", [init, { ...shutdown, inside: [last] }], "6 IMSProvider::Release call", before],
    [
      "two",
      [init, shutdown, shutdown, last],
      "7 IMSProvider::Shutdown call",
      `Shutdown once of ${provider}; it has been called already`
    ],
    ["none", [init, logoff], "4 MSProviderInit return", `Shutdown of ${provider} in the end`]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), broken(at, expected))
  })

  it("is not judged of a log that is cut off", () => {
    assert.strictEqual(said(init), "not judged: the log ends before its session does")
  })

  it.each(["MSProviderInit", "IMSProvider::Shutdown", "IMSProvider::Release", "counts"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(ShutdownOnce, need), `not judged: the log has no ${need}`)
    }
  )
})
