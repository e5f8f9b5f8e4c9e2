import { assert, describe, it } from "@effect/vitest"
import type { CallLog } from "../../src/index.ts"
import { Counts } from "../../src/laws/Counts.ts"
import * as Example from "../../src/laws/Example.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const store = "IMsgStore#1"
type Counted = readonly [holder: string, count: number, total: number]

const refs = (...counts: ReadonlyArray<Counted>): ReadonlyArray<CallLog.RefChange> =>
  counts.map(([holder, count, total]) => ({ object: store, holder, count, total }))
const call = (name: string, from: string, ...counts: ReadonlyArray<Counted>): Example.Call => ({
  call: name,
  object: store,
  from,
  refs: refs(...counts)
})
const made = call("new IMsgStore", "provider", ["MAPI", 1, 1])
const addRef = (...counted: Counted) => call("IMsgStore::AddRef", "provider", counted)
const release = (...counted: Counted) => call("IMsgStore::Release", counted[0], counted)
const handOver = (...counts: ReadonlyArray<Counted>) => call("hand over reference", "MAPI", ...counts)
const refused = (name: string, from: string): Example.Call => ({
  ...call(name, from),
  result: "MAPI_E_INVALID_OBJECT"
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(Counts, Example.log(...calls))
const broken = (at: string, expected: string) => `Counts of ${store}, at ${at}: expected ${expected}`

describe("Counts", () => {
  it.each([
    [
      "holders come and go",
      [made, addRef("spooler", 1, 2), handOver(["MAPI", 0, 2], ["client", 1, 2]), release("spooler", 0, 1)]
    ],
    ["one AddRefs for another", [made, addRef("MAPI", 2, 2), release("MAPI", 1, 1), release("MAPI", 0, 0)]],
    ["a refused AddRef takes nothing, early or late", [made, refused("IMsgStore::AddRef", "provider")]],
    ["nor does it once the object is gone", [made, release("MAPI", 0, 0), refused("IMsgStore::AddRef", "provider")]],
    ["the log begins after its birth: its counts are as they are", [addRef("spooler", 2, 5), release("client", 1, 4)]],
    ["and some holders are not named", [release("client", 1, 3), release("client", 0, 2), release("MAPI", 1, 1)]],
    [
      "a call whose name does not say what it does may do anything",
      [made, call("IMsgStore::QueryInterface", "client", ["client", 2, 3]), release("client", 1, 2)]
    ],
    [
      "to holders who are not named, too",
      [release("client", 1, 2), call("IMsgStore::QueryInterface", "spooler", ["spooler", 1, 3]), addRef("MAPI", 2, 4)]
    ]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it.each([
    [
      "an AddRef that adds two",
      [made, addRef("client", 2, 3)],
      "3 IMsgStore::AddRef call",
      "the count of client on IMsgStore#1 to go from 0 to 1, not to 2"
    ],
    [
      "a Release that adds one",
      [made, release("MAPI", 2, 2)],
      "3 IMsgStore::Release call",
      "the count of MAPI on IMsgStore#1 to go from 1 to 0, not to 2"
    ],
    [
      "a reference handed over that stays",
      [made, handOver(["MAPI", 1, 2], ["client", 1, 2])],
      "3 hand over reference call",
      "the count of MAPI on IMsgStore#1 to go from 1 to 0, not to 1"
    ],
    [
      "or does not arrive",
      [made, handOver(["MAPI", 0, 1], ["client", 0, 1])],
      "3 hand over reference call",
      "the count of client on IMsgStore#1 to go from 0 to 1, not to 0"
    ],
    [
      "a birth with more than one",
      [call("new IMsgStore", "provider", ["MAPI", 2, 2])],
      "1 new IMsgStore call",
      "the count of MAPI on IMsgStore#1 to go from 0 to 1, not to 2"
    ],
    [
      "a total that is not the sum",
      [made, addRef("client", 1, 3)],
      "3 IMsgStore::AddRef call",
      "2 references on IMsgStore#1 in all, not 3: so its counts add up"
    ],
    [
      "whatever the call does",
      [made, call("IMsgStore::QueryInterface", "client", ["client", 1, 3])],
      "3 IMsgStore::QueryInterface call",
      "2 references on IMsgStore#1 in all, not 3: so its counts add up"
    ],
    [
      "nor can be, from the first",
      [addRef("client", 2, 1)],
      "1 IMsgStore::AddRef call",
      "2 references on IMsgStore#1 in all, not 1: so its counts add up"
    ],
    [
      "more given up than the others can have",
      [addRef("client", 1, 2), release("MAPI", 1, 1)],
      "3 IMsgStore::Release call",
      "the count of MAPI on IMsgStore#1 to go from 1 to 0, not to 1"
    ],
    [
      "a Release by who has none",
      [made, addRef("client", 1, 2), release("spooler", 0, 1)],
      "5 IMsgStore::Release call",
      "spooler to have the reference on IMsgStore#1 that it gives up"
    ],
    [
      "a count below zero",
      [call("IMsgStore::QueryInterface", "client", ["client", -1, 0])],
      "1 IMsgStore::QueryInterface call",
      "no count below zero on IMsgStore#1"
    ],
    [
      "an over-release that is refused",
      [made, refused("IMsgStore::Release", "client")],
      "4 IMsgStore::Release return",
      "client to have the reference on IMsgStore#1 that it gives up"
    ],
    [
      "and a reference that is not there to be handed over",
      [made, refused("hand over reference", "spooler")],
      "4 hand over reference return",
      "spooler to have the reference on IMsgStore#1 that it gives up"
    ],
    [
      "a second birth",
      [addRef("client", 1, 1), made],
      "3 new IMsgStore call",
      "IMsgStore#1 to be made once, before it is counted"
    ]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), broken(at, expected))
  })

  it.each([
    ["a Release", refused("IMsgStore::Release", "MAPI"), "call", "MAPI to have the reference on IMsgStore#1"],
    ["a reference handed over", refused("hand over reference", "MAPI"), "call", "MAPI to have the reference"],
    ["an AddRef that succeeds", call("IMsgStore::AddRef", "client"), "return", "no reference taken on IMsgStore#1"],
    ["one that counts", addRef("client", 1, 1), "call", "no reference taken on IMsgStore#1, whose last one is gone"]
  ])("after the last reference, is broken by %s, inside that Release and later", (_, late, phase, expected) => {
    const inside = said(made, { ...release("MAPI", 0, 0), inside: [late] })
    const later = said(made, release("MAPI", 0, 0), late)
    for (const told of [inside, later]) assert.include(told, `${late.call} ${phase}: expected ${expected}`)
  })

  it("counts each object for itself, and each holder, whatever he is called", () => {
    const other = { ...made, object: "IMsgStore#2", refs: Example.counted("IMsgStore#2", "MAPI", 1, 1) }
    const odd = addRef("__proto__", 1, 2)
    assert.strictEqual(said(made, other, odd, release("__proto__", 0, 1)), "holds of 2")
    assert.strictEqual(said({ ...made, refs: [...(made.refs ?? []), ...(other.refs ?? [])] }), "holds of 2")
  })

  it("is not judged without counts, of any object", () => {
    assert.strictEqual(said(refused("IMsgStore::AddRef", "client")), "not judged: the log has no counts")
    const bare = { call: "IMSLogon::Logoff", object: "IMSLogon#1" }
    assert.strictEqual(said(made, bare), "not judged: the log has no counts of IMSLogon#1")
  })

  it.each(["counts", "new IMsgStore", "hand over reference", "IMsgStore::AddRef", "IMAPISupport::Release"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(Counts, need), `not judged: the log has no ${need}`)
    }
  )
})
