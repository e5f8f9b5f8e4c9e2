import { assert, describe, it } from "@effect/vitest"
import { DeadObjects } from "../../src/laws/DeadObjects.ts"
import * as Example from "../../src/laws/Example.ts"
import { outcome } from "./judged.ts"

const folder = "IMAPIFolder#1"
const made: Example.Call = { call: "new IMAPIFolder", object: folder, refs: Example.counted(folder, "client", 1, 1) }
const getProps: Example.Call = { call: "IMAPIFolder::GetProps", object: folder, from: "client" }
const release: Example.Call = {
  call: "IMAPIFolder::Release",
  object: folder,
  refs: Example.counted(folder, "client", 0, 0)
}
const addRef: Example.Call = { call: "IMAPIFolder::AddRef", object: folder, result: "MAPI_E_INVALID_OBJECT" }
const invalid: Example.Call = { call: "IMAPISupport::MakeInvalid", object: "IMAPISupport#1", passed: [folder] }
const support = "IMAPISupport#1"
const lastRelease: Example.Call = {
  call: "IMAPISupport::Release",
  object: support,
  refs: Example.counted(support, "provider", 0, 0)
}
const tidy: Example.Call = { call: "remove status row", object: support }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(DeadObjects, Example.log(...calls))

describe("DeadObjects", () => {
  it.each([
    ["calls, and then the last Release", [made, getProps, release]],
    ["after it, a Release too many and an AddRef too late are for other laws", [made, release, release, addRef]],
    ["an object made invalid is released", [made, invalid, release]],
    ["and what it was before does not matter", [made, getProps, invalid, release]],
    [
      "a MakeInvalid that fails does nothing",
      [made, { ...invalid, result: "MAPI_E_INVALID_PARAMETER" }, getProps, release]
    ],
    ["one whose MakeInvalid is under way may still be called", [made, { ...invalid, inside: [getProps] }, release]],
    [
      "a Release that leaves references",
      [made, { ...release, refs: Example.counted(folder, "client", 1, 1) }, getProps]
    ],
    ["inside its last Release a support object is tidied up", [{ ...lastRelease, inside: [tidy] }]]
  ])("%s", (_, calls) => {
    assert.match(said(...calls), /^holds of /)
  })

  const at = (seq: number, call: string, what: string) =>
    `DeadObjects of ${folder}, at ${seq} IMAPIFolder::${call} call: expected no call but AddRef and Release on an object that is ${what}`
  it.each([
    ["a call after the last Release", [made, release, getProps], at(5, "GetProps", "dead")],
    ["a call inside it", [made, { ...release, inside: [getProps] }], at(4, "GetProps", "dead")],
    ["a call after MakeInvalid", [made, invalid, getProps], at(5, "GetProps", "made invalid")],
    [
      "one that is refused all the same",
      [made, invalid, { ...getProps, result: "MAPI_E_INVALID_OBJECT" }],
      at(5, "GetProps", "made invalid")
    ]
  ])("is broken by %s", (_, calls, expected) => {
    assert.strictEqual(said(...calls), expected)
  })

  it("is broken by tidying up what is long gone", () => {
    const expected = "expected no call but AddRef and Release on an object that is dead"
    assert.strictEqual(said(lastRelease, tidy), `DeadObjects of ${support}, at 3 remove status row call: ${expected}`)
  })

  it("is not judged where nobody counted", () => {
    assert.strictEqual(said(getProps), "not judged: the log has no counts")
  })
})
