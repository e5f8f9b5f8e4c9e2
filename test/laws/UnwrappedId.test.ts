import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { UnwrappedId } from "../../src/laws/UnwrappedId.ts"
import { outcome } from "./judged.ts"

const { unwrapped, wrapped } = Example.id
const other = unwrapped.replace(/..$/, "ff")
const call = (name: string, entryId?: string, dll?: string): Example.Call => ({
  call: name,
  ...(entryId === undefined ? {} : { entryId }),
  ...(dll === undefined ? {} : { dll })
})
const logon = "IMSProvider::Logon"
const compare = "IMSProvider::CompareStoreIDs"
const open = (entryId: string | undefined, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  ...call("IMAPISession::OpenMsgStore", entryId),
  inside
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(UnwrappedId, Example.log(...calls))
const broken = (at: string, expected: string) => `UnwrappedId of call 1, at ${at} call: expected ${expected}`
const nested: Example.Call = { call: "IMsgStore::Release", inside: [{ call: "IMAPISupport::Release" }] }

describe("UnwrappedId", () => {
  it.each([
    ["Logon and CompareStoreIDs get the private id", open(wrapped, call(compare, unwrapped), call(logon, unwrapped))],
    [
      "in the DLL that the id names, in any case",
      open(wrapped, call("MSProviderInit", undefined, "demo.dll"), call(logon, unwrapped, "Demo.Dll"))
    ],
    ["hex is hex in any case", open(wrapped.toUpperCase(), call(logon, unwrapped.toUpperCase()))],
    ["an id that is none names no DLL", open("00", call("MSProviderInit", undefined, "DEMO.DLL"))],
    [
      "what is made within a Logon has ids of its own",
      open(wrapped, { ...call(logon, unwrapped), inside: [call(compare, other, "OTHER.DLL")] })
    ],
    ["a call without an id or a DLL", open(wrapped, call("new IMAPISupport"))]
  ])("%s", (_, opened) => {
    assert.strictEqual(said(nested, opened), "holds of 1")
  })

  it.each([
    [
      "a Logon with another id",
      open(wrapped, call(logon, other)),
      `2 ${logon}`,
      `the private id inside the client's id: ${unwrapped}`
    ],
    [
      "a Logon with the client's own",
      open(wrapped, call(logon, wrapped)),
      `2 ${logon}`,
      `the private id inside the client's id: ${unwrapped}`
    ],
    [
      "a CompareStoreIDs with another id",
      open(wrapped, call(compare, other)),
      `2 ${compare}`,
      `the private id inside the client's id: ${unwrapped}`
    ],
    [
      "a Logon in another DLL",
      open(wrapped, call(logon, unwrapped, "OTHER.DLL")),
      `2 ${logon}`,
      "the DLL that the client's id names: DEMO.DLL"
    ],
    [
      "an MSProviderInit of another DLL",
      open(wrapped, call("MSProviderInit", undefined, "OTHER.DLL")),
      "2 MSProviderInit",
      "the DLL that the client's id names: DEMO.DLL"
    ],
    [
      "a Logon for an id that is none",
      open(unwrapped, call(logon, unwrapped)),
      `2 ${logon}`,
      `no ${logon}, since the client's id is no wrapped store id`
    ],
    [
      "a CompareStoreIDs for one",
      open("0g", call(compare)),
      `2 ${compare}`,
      `no ${compare}, since the client's id is no wrapped store id`
    ]
  ])("is broken by %s", (_, opened, at, expected) => {
    assert.strictEqual(said(opened), broken(at, expected))
  })

  it("an id that was told need not be told again", () => {
    const events = Example.log(open(wrapped, call(logon, unwrapped)))
    const once = events.map(({ entryId, ...event }) =>
      event.phase === "call" && entryId !== undefined ? { ...event, entryId } : event
    )
    assert.strictEqual(outcome(UnwrappedId, once), "holds of 1")
  })

  it("is not judged where an id is not told, or an open does not return", () => {
    assert.strictEqual(
      said(open(undefined, call(logon, unwrapped))),
      "not judged: an OpenMsgStore does not say its entry id"
    )
    assert.strictEqual(said(open(wrapped, call(logon))), `not judged: an ${logon} does not say its entry id`)
    assert.strictEqual(
      said(open(wrapped, call(compare), call(logon, unwrapped))),
      `not judged: an ${compare} does not say its entry id`
    )
    const cut = Example.log(open(wrapped, call(logon, unwrapped))).slice(0, -1)
    assert.strictEqual(outcome(UnwrappedId, cut), "not judged: an OpenMsgStore did not return")
  })

  it.each(["IMAPISession::OpenMsgStore", logon])("needs %s", (need) => {
    const sees = ["IMAPISession::OpenMsgStore", logon].filter((call) => call !== need)
    assert.strictEqual(outcome(UnwrappedId, Example.log(nested), sees), `not judged: the log has no ${need}`)
  })

  it("needs to know within which open a call was made", () => {
    const why = "not judged: the log does not say within which call another was made"
    assert.strictEqual(said(open(wrapped), call(logon, other)), why)
  })
})
