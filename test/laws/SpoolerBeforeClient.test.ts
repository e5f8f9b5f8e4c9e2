import { assert, describe, it } from "@effect/vitest"
import type { CallLog } from "../../src/index.ts"
import * as Example from "../../src/laws/Example.ts"
import { SpoolerBeforeClient } from "../../src/laws/SpoolerBeforeClient.ts"
import { outcome } from "./judged.ts"

type Events = ReadonlyArray<CallLog.Event>

const store = "IMsgStore#1"
const logon: Example.Call = { call: "IMSProvider::Logon", object: "IMSProvider#1", returned: ["IMSLogon#1", store] }
const repeat: Example.Call = { ...logon, returned: [store] }
const give: Example.Call = { call: "give entry id", object: "Ticket#1", passed: [store] }
const giveBack: Example.Call = { call: "IMsgStore::Release", object: store, from: "MAPI" }
const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  returned: [store],
  inside
})
const interrupted = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  ...open(...inside),
  result: "interrupted",
  returned: []
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(SpoolerBeforeClient, Example.log(...calls))
const broken = (at: number) =>
  `SpoolerBeforeClient of logon 2, at ${at} give entry id call: expected the spooler to be told (6) after the Logon of an open (5) and before the client has its store (7)`

/** The events with one of them told at another place. */
const moved = (events: Events, from: number, to: number): Events => {
  const rest = events.toSpliced(from, 1)
  const all = [...rest.slice(0, to), ...events.slice(from, from + 1), ...rest.slice(to)]
  return all.map((event, at) => ({ ...event, seq: at + 1 }))
}

describe("SpoolerBeforeClient", () => {
  it("a new logon tells the spooler, or nobody does", () => {
    assert.strictEqual(said(open(logon, give)), "holds of 1")
    assert.strictEqual(said(open(logon)), "holds of 1")
  })

  it("a repeat tells it, where the first open did not: before its own client has the store", () => {
    assert.strictEqual(said(open(logon), open(repeat, give)), "holds of 2")
  })

  it("an open whose client has gone tells it all the same, until it gives the store back", () => {
    const events = Example.log(interrupted(logon, give, giveBack))
    assert.strictEqual(outcome(SpoolerBeforeClient, moved(events, events.length - 1, 2)), "holds of 1")
    assert.strictEqual(said(interrupted(logon, giveBack, give)), broken(6))
  })

  it("a log that does not say within which open it was told is judged by those under way", () => {
    const events = Example.log(open(logon), give)
    const top = moved(moved(events, 4, 3), 5, 4)
    assert.strictEqual(outcome(SpoolerBeforeClient, top), "holds of 1")
    assert.strictEqual(said(open(logon), give), broken(5))
  })

  it("is broken where the client has its store already, though another client is still waiting for it", () => {
    const events = Example.log(open(logon, give), open(repeat))
    // open 1 called, Logon, open 1 returned, open 4 called, its Logon; then the spooler is told, by open 1
    const late = [0, 1, 2, 5, 6, 7, 8, 3, 4, 9].flatMap((at) => events.slice(at, at + 1))
    const numbered = late.map((event, at) => ({ ...event, seq: at + 1 }))
    assert.strictEqual(outcome(SpoolerBeforeClient, numbered), broken(8))
  })

  it("is broken before Logon has returned the store, and after one that failed", () => {
    const made: Example.Call = { call: "new IMsgStore", object: store }
    assert.strictEqual(said(open({ ...logon, inside: [made, give] })), broken(5))
    const failed = { ...logon, inside: [made], result: "MAPI_E_FAILONEPROVIDER", returned: [] }
    assert.strictEqual(said(interrupted(failed, give)), broken(6))
  })

  it("says nothing of a second time: that is another law's", () => {
    assert.strictEqual(said(open(logon, give), open(repeat), give), "holds of 2")
  })

  it.each(["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "give entry id"])("needs %s", (need) => {
    const sees = ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "give entry id"].filter((call) => call !== need)
    const events = Example.log({ call: "IMSLogon::Logoff", inside: [{ call: "IMSLogon::Release" }] })
    assert.strictEqual(outcome(SpoolerBeforeClient, events, sees), `not judged: the log has no ${need}`)
  })

  it("needs to know within which open a call was made", () => {
    const events = Example.log(open(), logon, give)
    const why = "not judged: the log does not say within which call another was made"
    assert.strictEqual(outcome(SpoolerBeforeClient, events), why)
  })
})
