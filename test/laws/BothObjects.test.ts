import { assert, describe, it } from "@effect/vitest"
import { BothObjects } from "../../src/laws/BothObjects.ts"
import * as Example from "../../src/laws/Example.ts"
import { outcome } from "./judged.ts"

const made = (kind: string, number = 1): Example.Call => ({ call: `new ${kind}`, object: `${kind}#${number}` })
const both = [made("IMSLogon"), made("IMsgStore")]
const addRef: Example.Call = { call: "IMsgStore::AddRef", object: "IMsgStore#9", from: "provider" }
const logon = (
  inside: ReadonlyArray<Example.Call>,
  returned: ReadonlyArray<string>,
  given: Partial<Example.Call> = {}
): Example.Call => ({ call: "IMSProvider::Logon", object: "IMSProvider#1", inside, returned, ...given })
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(BothObjects, Example.log(...calls))

describe("BothObjects", () => {
  it.each([
    ["a new logon returns the two that it made", logon(both, ["IMSLogon#1", "IMsgStore#1"])],
    ["with a warning", logon(both, ["IMSLogon#1", "IMsgStore#1"], { result: "MAPI_W_ERRORS_RETURNED" })],
    ["a repeat returns a store that is there", logon([addRef], ["IMsgStore#9"])],
    ["and maybe its logon", logon([addRef], ["IMSLogon#9", "IMsgStore#9"])],
    ["a failed Logon returns neither, whatever it made", logon(both, [], { result: "MAPI_E_LOGON_FAILED" })],
    ["of SpoolerLogon nothing is said", logon([made("IMsgStore")], [], { call: "IMSProvider::SpoolerLogon" })]
  ])("%s", (_, call) => {
    assert.strictEqual(said(call), "holds of 1")
  })

  it("looks at its own answer: a repeat may answer from within, with what was just made", () => {
    assert.strictEqual(said(logon([...both, logon([], ["IMsgStore#1"])], ["IMSLogon#1", "IMsgStore#1"])), "holds of 2")
  })

  const ofBoth = "an IMSLogon and an IMsgStore, both made in this Logon; it made"
  it.each([
    ["a new logon without its IMSLogon", logon(both, ["IMsgStore#1"]), `${ofBoth} IMSLogon#1, IMsgStore#1`],
    ["without its IMsgStore", logon(both, ["IMSLogon#1"]), `${ofBoth} IMSLogon#1, IMsgStore#1`],
    [
      "with another store than it made",
      logon(both, ["IMSLogon#1", "IMsgStore#7"]),
      `${ofBoth} IMSLogon#1, IMsgStore#1`
    ],
    ["with another logon", logon(both, ["IMSLogon#7", "IMsgStore#1"]), `${ofBoth} IMSLogon#1, IMsgStore#1`],
    ["one that made a store alone", logon([made("IMsgStore")], ["IMsgStore#1"]), `${ofBoth} IMsgStore#1`],
    ["or a logon alone", logon([made("IMSLogon")], ["IMSLogon#1", "IMsgStore#7"]), `${ofBoth} IMSLogon#1`],
    ["a success without a store", logon([addRef], ["IMSLogon#9"]), "an IMsgStore from a Logon that succeeds"],
    [
      "a failure with one",
      logon(both, ["IMsgStore#1"], { result: "MAPI_E_LOGON_FAILED" }),
      "a Logon that fails to return no object"
    ]
  ])("is broken by %s", (_, call, expected) => {
    const events = Example.log(call)
    const at = `BothObjects of logon 1, at ${events.length} IMSProvider::Logon return: expected`
    assert.strictEqual(outcome(BothObjects, events), `${at} ${expected}`)
  })

  it("is not judged where a Logon did not return, or the log does not say what was made within it", () => {
    const events = Example.log(logon(both, ["IMSLogon#1", "IMsgStore#1"]))
    assert.strictEqual(outcome(BothObjects, events.slice(0, -1)), "not judged: a Logon did not return")
    assert.strictEqual(
      outcome(
        BothObjects,
        events.map((event) => ({ ...event, within: null }))
      ),
      "not judged: the log does not say within which call another was made"
    )
  })
})
