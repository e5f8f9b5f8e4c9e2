import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { entryOn, exhibits, page } from "./page.ts"

const text = readFileSync(join(import.meta.dirname, "../../docs/museum.md"), "utf8")

describe("docs/museum.md", () => {
  it("is the preface and the entries of the exhibits, in their order; each entry has its own test", () => {
    assert.strictEqual(text, page(exhibits.map(({ title }) => entryOn(text, title))))
  })

  it("has twenty exhibits, and three constructed ones, each with a title of its own", () => {
    assert.strictEqual(exhibits.filter(({ constructed }) => constructed !== true).length, 20)
    assert.strictEqual(new Set(exhibits.map(({ title }) => title)).size, 23)
  })
})
