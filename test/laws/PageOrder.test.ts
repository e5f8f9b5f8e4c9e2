import { assert, describe, it } from "@effect/vitest"
import type { CallLog } from "../../src/index.ts"
import * as Example from "../../src/laws/Example.ts"
import { PageOrder } from "../../src/laws/PageOrder.ts"
import { outcome } from "./judged.ts"

type Events = ReadonlyArray<CallLog.Event>

const failed = { result: "MAPI_E_CALL_FAILED", returned: [] }
const init: Example.Call = { call: "MSProviderInit", returned: ["IMSProvider#1"] }
const logon: Example.Call = { call: "IMSProvider::Logon", returned: ["IMSLogon#1", "IMsgStore#1"] }
const give: Example.Call = { call: "give entry id", object: "Ticket#1" }
const compare: Example.Call = { call: "IMSProvider::CompareStoreIDs" }
const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  returned: ["IMsgStore#1"],
  inside
})
const failing = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({ ...open(...inside), ...failed })
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(PageOrder, Example.log(...calls))

/** The events with one of them told at another place. */
const moved = (events: Events, from: number, to: number): Events => {
  const rest = events.toSpliced(from, 1)
  const all = [...rest.slice(0, to), ...events.slice(from, from + 1), ...rest.slice(to)]
  return all.map((event, at) => ({ ...event, seq: at + 1 }))
}

const spooler = "giving the entry id to the spooler (6)"

describe("PageOrder", () => {
  it.each([
    ["all seven steps", open(init, compare, logon, give)],
    ["without 2 and 3, the provider being there", open(logon, give)],
    ["without 6, where the gate is closed", open(init, logon)],
    [
      "a second Logon, after MSG_SERVICE_CONFIGURE",
      open({ ...logon, ...failed }, { call: "MSG_SERVICE_CONFIGURE" }, logon)
    ],
    ["an MSProviderInit that fails", failing({ ...init, ...failed })],
    ["and another, of which another law speaks", failing({ ...init, ...failed }, init)],
    ["a Logon that fails", failing(init, { ...logon, ...failed })],
    ["an open that fails before all of it", failing()]
  ])("%s", (_, call) => {
    assert.strictEqual(
      said({ call: "IMAPISession::Logoff", inside: [{ call: "remove status row" }] }, call),
      "holds of 1"
    )
  })

  it("each open has an order of its own, also one that a Logon makes", () => {
    assert.strictEqual(said(open({ ...logon, inside: [open(init, logon, give)] }, give)), "holds of 2")
  })

  it("a client that is interrupted is told so before its steps are over", () => {
    const gone = { ...open(init, logon, give), result: "interrupted", returned: [] }
    const events = Example.log(gone)
    for (const at of [2, 3, 4, 5, 6]) {
      assert.strictEqual(outcome(PageOrder, moved(events, events.length - 1, at)), "holds of 1", `at ${at}`)
    }
  })

  it.each([
    [
      "MSProviderInit after Logon",
      open(logon, init),
      "4 MSProviderInit call",
      "MSProviderInit (2, 3) before Logon (4, 5), and not after it"
    ],
    [
      "MSProviderInit after 6",
      open(logon, give, init),
      "6 MSProviderInit call",
      `MSProviderInit (2, 3) before ${spooler}, and not after it`
    ],
    [
      "Logon again after 6",
      open(logon, give, logon),
      "6 IMSProvider::Logon call",
      `Logon (4, 5) before ${spooler}, and not after it`
    ],
    [
      "Logon after an MSProviderInit that failed",
      open({ ...init, ...failed }, logon),
      "4 IMSProvider::Logon call",
      "no Logon (4) after an MSProviderInit that failed (3)"
    ],
    [
      "6 after an MSProviderInit that failed",
      open({ ...init, ...failed }, give),
      "4 give entry id call",
      `${spooler} only after a Logon of this open that succeeded (5)`
    ],
    [
      "6 without a Logon",
      open(init, give),
      "4 give entry id call",
      `${spooler} only after a Logon of this open that succeeded (5)`
    ],
    [
      "6 after a Logon that failed",
      open({ ...logon, ...failed }, give),
      "4 give entry id call",
      `${spooler} only after a Logon of this open that succeeded (5)`
    ]
  ])("is broken by %s", (_, call, at, expected) => {
    assert.strictEqual(said(call), `PageOrder of call 1, at ${at}: expected ${expected}`)
  })

  it.each([
    [
      "Logon before MSProviderInit returned",
      open(init, logon),
      2,
      3,
      "3 IMSProvider::Logon call",
      "MSProviderInit (2, 3) to return before Logon (4, 5)"
    ],
    [
      "6 before Logon returned",
      open(logon, give),
      2,
      3,
      "3 give entry id call",
      `Logon (4, 5) to return before ${spooler}`
    ],
    [
      "7 before Logon returned",
      open(logon),
      2,
      3,
      "3 IMAPISession::OpenMsgStore return",
      "Logon (4, 5) to return before returning the store (7)"
    ],
    [
      "7 before 6 returned",
      open(logon, give),
      4,
      5,
      "5 IMAPISession::OpenMsgStore return",
      `${spooler} to return before returning the store (7)`
    ]
  ])("is broken by %s", (_, call, from, to, at, expected) => {
    const events = moved(Example.log(call), from, to)
    assert.strictEqual(outcome(PageOrder, events), `PageOrder of call 1, at ${at}: expected ${expected}`)
  })

  it("says nothing of a second Logon while the first is under way: another law does", () => {
    const events = Example.log(open(logon, logon))
    assert.strictEqual(outcome(PageOrder, moved(events, 2, 3)), "holds of 1")
  })

  it("is broken by a step after 7, where the open is not yet over", () => {
    const events = Example.log(open(logon, compare, give))
    const late = moved(moved(events, 7, 4), 5, 7)
    assert.strictEqual(
      outcome(PageOrder, late),
      `PageOrder of call 1, at 6 give entry id call: expected ${spooler} before returning the store (7), and not after it`
    )
  })

  it("is not judged of an open that did not return", () => {
    const cut = Example.log(open(logon)).slice(0, -1)
    assert.strictEqual(outcome(PageOrder, cut), "not judged: an OpenMsgStore did not return")
  })

  it.each(["IMAPISession::OpenMsgStore", "MSProviderInit", "IMSProvider::Logon", "give entry id"])(
    "needs %s",
    (need) => {
      const others = ["IMAPISession::OpenMsgStore", "MSProviderInit", "IMSProvider::Logon", "give entry id"]
      const sees = others.filter((call) => call !== need)
      const events = Example.log({ call: "IMSLogon::Logoff", inside: [{ call: "IMSLogon::Release" }] })
      assert.strictEqual(outcome(PageOrder, events, sees), `not judged: the log has no ${need}`)
    }
  )

  it("needs to know within which open a call was made", () => {
    const events = Example.log({ ...open(), inside: [] }, logon)
    assert.strictEqual(
      outcome(PageOrder, events),
      "not judged: the log does not say within which call another was made"
    )
  })
})
