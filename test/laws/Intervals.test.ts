import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Intervals from "../../src/laws/Intervals.ts"

const Name = Schema.Struct({
  prefix: Schema.Literals(["IMsgStore#", "IMSLogon#", "call "]),
  n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 24 }))
})
const nameOf = ({ n, prefix }: typeof Name.Type) => `${prefix}${n}`

describe("a set of numbered names", () => {
  it("knows what was added, and nothing beside it", () => {
    const gone = Intervals.make()
    for (const n of [3, 1, 2, 7, 2]) gone.add(`IMsgStore#${n}`)
    const found = [0, 1, 2, 3, 4, 6, 7, 8].map((n) => gone.has(`IMsgStore#${n}`))
    assert.deepStrictEqual(found, [false, true, true, true, false, false, true, false])
    assert.isFalse(gone.has("IMSLogon#1"))
  })

  it("keeps no name that has no number", () => {
    const gone = Intervals.make()
    gone.add("client")
    assert.isFalse(gone.has("client"))
  })

  it.prop("is a set, in whatever order they come", [Schema.Array(Name), Schema.Array(Name)], ([added, asked]) => {
    const gone = Intervals.make()
    const known = new Set(added.map(nameOf))
    for (const name of added.map(nameOf)) gone.add(name)
    for (const name of [...added, ...asked].map(nameOf)) assert.strictEqual(gone.has(name), known.has(name), name)
  })

  it("takes the memory of its gaps: a million numbers in a row are one range", () => {
    const gone = Intervals.make()
    for (let n = 1; n <= 1_000_000; n++) gone.add(`call ${n % 2 === 0 ? n - 1 : n + 1}`)
    assert.deepStrictEqual(gone.ranges("call "), [{ from: 1, to: 1_000_000 }])
  })
})
