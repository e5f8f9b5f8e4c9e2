import { readdirSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Predicate from "effect/Predicate"
import { all, type Law } from "../../src/Laws.ts"
import { brokenIn, verdictsOn } from "./judged.ts"

const folder = new URL("../../src/laws/", import.meta.url)
const isLaw = (value: unknown): value is Law =>
  Predicate.hasProperty(value, "good") && Predicate.hasProperty(value, "bad")

/** All that are written, whether or not anybody asks them. */
const written: ReadonlyArray<Law> = (
  await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)))
).flatMap((module) => Object.values<unknown>(module).filter(isLaw))

/** Where a bad example cannot but break another law too: which, and why. */
const also: Readonly<Record<string, { readonly laws: ReadonlyArray<string>; readonly why: string }>> = {}

describe("every law", () => {
  it("has a name of its own", () => {
    assert.strictEqual(new Set(all.map(({ name }) => name)).size, all.length)
  })

  it.each(written.map((law) => [law.name, law] as const))(
    "%s holds of its good example, and no law is broken there",
    (_, law) => {
      const verdicts = verdictsOn(law.good)
      assert.strictEqual(verdicts.find((verdict) => verdict.law === law)?._tag, "Holds")
      assert.deepStrictEqual(brokenIn(law.good), [])
    }
  )

  it.each(written.map((law) => [law.name, law] as const))(
    "%s is broken by its bad example, and no other law",
    (name, law) => {
      const broken = brokenIn(law.bad).map((line) => line.split(" ", 1)[0] ?? line)
      assert.deepStrictEqual(broken.toSorted(), [name, ...(also[name]?.laws ?? [])].toSorted())
    }
  )
})
