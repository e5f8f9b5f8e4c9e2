/** The arrows of the house hold in src; and each rule is broken once, by a tree made up for it. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { floors, rules, treeOf } from "./house.ts"

const src = join(import.meta.dirname, "../../src")
const paths = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
const house = treeOf(Object.fromEntries(paths.map((path) => [path, readFileSync(join(src, path), "utf8")])))

describe("in src", () => {
  it("every floor has its module", () => {
    const empty = floors.filter((floor) => !floor.endsWith("/") && !house.has(`${floor}.ts`))
    assert.deepStrictEqual(empty, [])
  })

  it.each(Object.entries(rules))("%s", (_, rule) => {
    assert.deepStrictEqual(rule(house), [])
  })
})

/** What all the rules find in a tree. */
const broken = (sources: Readonly<Record<string, string>>) => {
  const tree = treeOf(sources)
  return Object.values(rules).flatMap((rule) => rule(tree))
}

describe("in a tree made up for it", () => {
  it("a sound house breaks no rule", () => {
    const sound = {
      "Scode.ts": `import * as Schema from "effect/Schema"`,
      "MapiError.ts": `import * as Scode from "./Scode.ts"`,
      "Spooler.ts": `import * as Context from "effect/Context"`,
      "internal/ask.ts": `import type { MapiError } from "../MapiError.ts"`,
      "LoadSequence.ts": `import { ask } from "./internal/ask.ts"\nimport { Spooler } from "./Spooler.ts"`,
      "providers/Sqlite.ts": `import { DatabaseSync } from "node:sqlite"\nimport { sql } from "./Sqlite/schema.ts"`,
      "providers/Sqlite/schema.ts": `import * as Scode from "../../Scode.ts"`,
      "cli/main.ts": `import * as Effect from "effect/Effect"\nEffect.runFork(Effect.void)`
    }
    assert.deepStrictEqual(broken(sound), [])
  })

  it.each<[what: string, sources: Record<string, string>, found: ReadonlyArray<string>]>([
    [
      "a floor imports from the one below it",
      { "Scode.ts": "", "MapiError.ts": "", "Flags.ts": `export { x } from "./EntryId.ts"`, "EntryId.ts": "" },
      ["Flags.ts imports EntryId.ts, which is not above it"]
    ],
    [
      "it does so for a type only, or by import()",
      { "Spooler.ts": `type S = import("./SessionState.ts").State\nconst s = await import("./MsgStore.ts")` },
      [
        "Spooler.ts imports SessionState.ts, which is not above it",
        "Spooler.ts imports MsgStore.ts, which is not above it"
      ]
    ],
    [
      "it does so by way of internal/",
      {
        "RefCounted.ts": `import { a } from "./internal/a.ts"`,
        "internal/a.ts": `import { b } from "./b.ts"`,
        "internal/b.ts": `import type { Profile } from "../Profile.ts"`
      },
      ["RefCounted.ts imports internal/a.ts imports internal/b.ts imports Profile.ts, which is not above it"]
    ],
    ["a module has no floor", { "Extra.ts": "" }, ["Extra.ts is on no floor: give it one in test/package/house.ts"]],
    [
      "two modules of one folder import each other's types",
      {
        "diagram/A.ts": `import type { B } from "./B.ts"`,
        "diagram/B.ts": `import type { A } from "./A.ts"`
      },
      [
        "diagram/A.ts imports diagram/B.ts imports diagram/A.ts",
        "diagram/B.ts imports diagram/A.ts imports diagram/B.ts"
      ]
    ],
    [
      "the load sequence finds its way to a provider",
      {
        "LoadSequence.ts": `import { open } from "./internal/open.ts"`,
        "internal/open.ts": `import * as Pst from "../providers/Pst.ts"`
      },
      [
        "LoadSequence.ts imports internal/open.ts imports providers/Pst.ts, which is not above it",
        "LoadSequence.ts imports internal/open.ts imports providers/Pst.ts"
      ]
    ],
    [
      "a codec makes a service of itself, or gets hold of one",
      {
        "MapiError.ts": `import * as Layer from "effect/Layer"`,
        "Flags.ts": `import * as Context from "effect/Context"\nimport { E } from "./MapiError.ts"`
      },
      ["Flags.ts imports effect/Context", "Flags.ts imports MapiError.ts imports effect/Layer"]
    ],
    [
      "the core imports a runtime's module, or another package",
      { "Profile.ts": `import "effect/Effect"\nimport "node:fs"`, "providers/InMemory.ts": `import pst from "pst"` },
      ["Profile.ts:2 imports node:fs", "providers/InMemory.ts:1 imports pst"]
    ],
    [
      "all of effect is imported at once",
      { "cli/main.ts": `\n\nimport { Effect } from "effect"` },
      ["cli/main.ts:3 imports all of effect"]
    ],
    [
      "an effect is run outside the command",
      { "Spooler.ts": `import { runSync } from "effect/Effect"\nEffect.runFork(x)\nEffect["runPromiseExit"](x)` },
      ["Spooler.ts:1 has runSync", "Spooler.ts:2 has runFork", "Spooler.ts:3 has runPromiseExit"]
    ],
    ["a file grows past its limit", { "Scode.ts": "//\n".repeat(401) }, ["Scode.ts has 401 lines"]]
  ])("it is told when %s", (_, sources, found) => {
    assert.deepStrictEqual(broken(sources), found)
  })
})
