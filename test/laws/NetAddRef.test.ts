import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { NetAddRef } from "../../src/laws/NetAddRef.ts"
import { outcome } from "./judged.ts"

const support = "IMAPISupport#1"
const logon = (given: Partial<Example.Call>, ...inside: ReadonlyArray<string>): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  passed: [support],
  inside: inside.map((call) =>
    call === "new"
      ? { call: "new IMsgStore", object: "IMsgStore#1" }
      : { call: `IMAPISupport::${call}`, object: support }
  ),
  ...given
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(NetAddRef, Example.log(...calls))
const pair = { returned: ["IMSLogon#1", "IMsgStore#1"] }
const failed = { result: "MAPI_E_LOGON_FAILED" }
const at = (seq: number, call = "IMSProvider::Logon") => `NetAddRef of logon 1, at ${seq} ${call} return: expected`

describe("NetAddRef", () => {
  it.each([
    ["a new logon keeps one", [logon(pair, "new", "AddRef")]],
    ["or one more that it gives back", [logon(pair, "AddRef", "AddRef", "new", "Release")]],
    ["a warning is a success", [logon({ ...pair, result: "MAPI_W_ERRORS_RETURNED" }, "new", "AddRef")]],
    ["a repeat keeps none", [logon({ returned: ["IMsgStore#9"] }, "OpenProfileSection")]],
    ["a failed Logon gives back what it took", [logon(failed, "AddRef", "new", "Release")]],
    ["SpoolerLogon keeps none", [logon({ call: "IMSProvider::SpoolerLogon", ...pair }, "OpenProfileSection")]]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it.each([
    ["a new logon that keeps none", logon(pair, "new"), "1 reference", "a new logon; it has 0"],
    ["or two", logon(pair, "new", "AddRef", "AddRef"), "1 reference", "a new logon; it has 2"],
    [
      "a repeat that keeps one",
      logon({ returned: ["IMsgStore#9"] }, "AddRef"),
      "0 reference",
      "no new logon; it has 1"
    ],
    ["a failed Logon that keeps one", logon(failed, "new", "AddRef"), "0 reference", "a Logon that failed; it has 1"],
    ["or gives back one too many", logon(failed, "Release"), "0 reference", "a Logon that failed; it has -1"]
  ])("is broken by %s", (_, call, wanted, found) => {
    const events = Example.log(call)
    assert.strictEqual(
      outcome(NetAddRef, events),
      `${at(events.length)} ${wanted} of the provider on ${support}, for ${found}`
    )
  })

  it("looks at the support object that the Logon was given, and at the provider's calls alone", () => {
    const other = { call: "IMAPISupport::AddRef", object: "IMAPISupport#2" }
    const mapi = { call: "IMAPISupport::AddRef", object: support, from: "MAPI" }
    const late = { call: "IMAPISupport::Release", object: support }
    const made = logon(pair, "new", "AddRef")
    assert.strictEqual(said({ ...made, inside: [...(made.inside ?? []), other, mapi] }, late), "holds of 1")
  })

  it("is not judged where the log does not say what it was given, or ends too early", () => {
    const { passed: _, ...untold } = logon(pair, "new")
    assert.strictEqual(said(untold), "not judged: a Logon does not say which support object it was given")
    const flat = Example.log(logon(pair, "new", "AddRef")).map((event) => ({ ...event, within: null }))
    assert.strictEqual(outcome(NetAddRef, flat), "not judged: the log does not say within which call another was made")
    const cut = Example.log(logon(pair, "new")).slice(0, -1)
    assert.strictEqual(outcome(NetAddRef, cut), "not judged: a Logon did not return")
  })
})
