/** The core compiles without any runtime's types; this is the proof that what only some runtimes have would not. */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { isNode } from "../runtimes/node.ts"

const root = join(import.meta.dirname, "../..")
const names = [
  "TextDecoder",
  "TextEncoder",
  "Buffer",
  "console",
  "document",
  "fetch",
  "process",
  "require",
  "setTimeout"
]

/** The names that the core's own compiler settings do not know. */
const unknown = async (): Promise<ReadonlyArray<string>> => {
  const folder = await mkdtemp(join(import.meta.dirname, "compiled-"))
  try {
    await writeFile(join(folder, "program.ts"), `export const used = [${names.join(", ")}]\n`)
    const include = ["program.ts", "../../../src/internal/globals.d.ts"]
    const config = { extends: "../../../tsconfig.src.json", include, exclude: [] }
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config))
    const output = await new Promise<string>((resolve) =>
      execFile(join(root, "node_modules/.bin/tsc"), ["--project", folder], (_, stdout) => resolve(stdout))
    )
    return [...output.matchAll(/Cannot find name '(\w+)'/g)].map(([, name = ""]) => name)
  } finally {
    await rm(folder, { recursive: true })
  }
}

// The compiler is the same program under every runtime: one of them asks it.
describe.runIf(isNode)("the core's globals", () => {
  it("are what ECMAScript and every runtime have, and no more", async () => {
    assert.deepStrictEqual(await unknown(), names.slice(2))
  })
})
