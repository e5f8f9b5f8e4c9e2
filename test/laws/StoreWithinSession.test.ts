import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { StoreWithinSession } from "../../src/laws/StoreWithinSession.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const store = "IMsgStore#1"
const { lastRelease, logoff, logon } = Closing
const session = "IMAPISession#1"
const opening = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: session,
  inside,
  returned: [store]
})
const gaveUp: Example.Call = { ...opening(logon), result: "interrupted", returned: [] }
const dropped: Example.Call = {
  call: "IMAPISupport::Release",
  object: "IMAPISupport#1",
  from: "MAPI",
  refs: Example.counted("IMAPISupport#1", "MAPI", 0, 1)
}
const release = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMsgStore::Release",
  object: store,
  refs: Example.counted(store, "client", 0, 0),
  inside
})
/** A repeat is faster than the Logon that made the store: MAPI has not adopted that one's answer. */
const meanwhile: ReadonlyArray<Example.Call> = [
  { call: "IMAPISupport::AddRef", object: "IMAPISupport#1" },
  { call: "IMAPISupport::Release", object: "IMAPISupport#1" },
  opening({ call: "hand over reference", object: store })
]
const getProps: Example.Call = { call: "IMsgStore::GetProps", object: store }
const end = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::Logoff",
  object: session,
  inside
})
const close: Example.Call = { ...logoff, inside: [lastRelease()] }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(StoreWithinSession, Example.log(...calls))
const broken = (at: string, expected: string) => `StoreWithinSession of logon 2, at ${at}: expected ${expected}`
const { passed: _, ...untold } = logon

describe("StoreWithinSession", () => {
  it.each([
    ["the session's end closes the store, and its client releases it later", [opening(logon), end(close), release()]],
    ["the client closes it before", [opening(logon), getProps, release(lastRelease(logoff)), end()]],
    ["the client is closing it meanwhile", [opening(logon), release(end(logoff))]],
    ["a Logoff that fails is one all the same", [opening(logon), end({ ...close, result: "MAPI_E_CALL_FAILED" })]],
    [
      "a Logon still inside is undone on its own",
      [{ ...gaveUp, inside: [{ ...logon, inside: [end(), ...(logon.inside ?? [])] }] }, close]
    ],
    ["so is what is handed over later", [opening(logon, end()), close]],
    ["what nobody gets", [gaveUp, dropped, end(), close]],
    ["what MAPI does not know yet, though a repeat has handed it over", [gaveUp, ...meanwhile, end(), close]],
    ["a Logon that failed owes nothing", [opening({ ...logon, result: "MAPI_E_NO_ACCESS" }), end()]]
  ])("%s", (_, calls) => {
    assert.include(said(...calls), "holds of ")
  })

  it("a repeat owes nothing for the store of another Logon", () => {
    const repeat = { ...logon, passed: ["IMAPISupport#2"], inside: [], returned: [store] }
    const gone = {
      ...dropped,
      object: "IMAPISupport#2",
      refs: Example.counted("IMAPISupport#2", "MAPI", 0, 0)
    }
    assert.strictEqual(said(opening(logon), opening({ ...repeat, inside: [gone] }), end(close)), "holds of 2")
  })

  it.each([
    [
      "a store that the session's end leaves open",
      [opening(logon), end(), close],
      "12 IMAPISession::Logoff return",
      "IMSLogon::Logoff to have been called for each open store before this returns"
    ],
    [
      "one of a repeat's client, too",
      [gaveUp, dropped, opening(), end(), close],
      "16 IMAPISession::Logoff return",
      "IMSLogon::Logoff to have been called for each open store before this returns"
    ],
    [
      "one whose support object is not released",
      [opening(logon), end(logoff), lastRelease()],
      "14 IMAPISession::Logoff return",
      "the last Release of IMAPISupport#1, whose store is open, before this returns"
    ],
    [
      "one that was handed over later, and is never logged off",
      [opening(logon, end()), lastRelease()],
      "9 IMSProvider::Logon return",
      "IMSLogon::Logoff, and the last Release of IMAPISupport#1, in the end"
    ],
    [
      "or never released",
      [opening(logon, end()), logoff],
      "9 IMSProvider::Logon return",
      "IMSLogon::Logoff, and the last Release of IMAPISupport#1, in the end"
    ],
    [
      "a call on a store whose session is over",
      [opening(logon), end(close), getProps, release()],
      "17 IMsgStore::GetProps call",
      "no call but AddRef and Release on a store whose session has logged off"
    ]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), broken(at, expected))
  })

  it("is not judged of a log that is cut off, or where the support object is not told", () => {
    assert.strictEqual(said(opening(logon)), "not judged: the log ends before its session does")
    assert.strictEqual(
      said(opening(untold), end()),
      "not judged: a Logon does not say which support object it was given"
    )
  })

  it("is not judged where the log does not say what was made within what", () => {
    const flat = StoreWithinSession.good.map((event) => ({ ...event, within: null }))
    assert.strictEqual(
      outcome(StoreWithinSession, flat),
      "not judged: the log does not say within which call another was made"
    )
  })

  it.each([
    "IMAPISession::OpenMsgStore",
    "IMAPISession::Logoff",
    "IMSProvider::Logon",
    "IMSLogon::Logoff",
    "IMAPISupport::Release",
    "counts",
    "new IMsgStore"
  ])("is not judged where the log cannot show %s", (need) => {
    assert.strictEqual(lacking(StoreWithinSession, need), `not judged: the log has no ${need}`)
  })
})
