/**
 * Every TypeScript snippet of the README, of docs/ and of the docstrings runs here, and compiles. `expression // => value`
 * is an assertion.
 */

import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { afterAll } from "vitest"

const here = dirname(fileURLToPath(import.meta.url))
const top = join(here, "..", "..")
const folder = mkdtempSync(join(here, "compiled-"))
afterAll(() => rmSync(folder, { recursive: true }))

const list = (path: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(top, path), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(path, file))
    .sort()

const fence = /```ts\n([\s\S]*?)```/g

/** Blocks of a page, or of the docstrings of a module (without their stars). */
const blocksOf = (file: string): ReadonlyArray<string> => {
  const text = readFileSync(join(top, file), "utf8")
  const plain = file.endsWith(".md") ? text : text.replace(/^\s*\* ?/gm, "")
  return [...plain.matchAll(fence)].map(([, code = ""]) => code)
}

/** `value // => expected` becomes an assertion; imports of the package become imports of the sources. */
const runnable = (code: string): string => {
  const asserted = code.replace(/^(?!import)(.+?) \/\/ => (.+)$/gm, "assert.deepStrictEqual($1, $2)")
  const local = asserted
    .replace(/from "effect-mapi\/(.+)"/g, 'from "../../../src/$1.ts"')
    .replaceAll('from "effect-mapi"', 'from "../../../src/index.ts"')
  return `import { assert } from "@effect/vitest"\n${local}\nexport const used = assert\n`
}

const snippets = ["README.md", ...list("docs", ".md"), ...list("src", ".ts")].flatMap((file) =>
  blocksOf(file).map((code, n) => ({ name: `${file}, snippet ${n + 1}`, code }))
)

describe("snippets", () => {
  it("there are some, in the README and in the sources", () => {
    assert.isAtLeast(snippets.filter(({ name }) => name.startsWith("README")).length, 2)
    assert.isAtLeast(snippets.filter(({ name }) => name.startsWith("src")).length, 5)
  })

  it.each(snippets.map(({ code, name }, n) => [name, code, n] as const))("%s runs", async (_, code, n) => {
    const file = join(folder, `snippet${n}.ts`)
    writeFileSync(file, runnable(code))
    await import(/* @vite-ignore */ file)
  })

  it("an assertion in a snippet can fail", async () => {
    const file = join(folder, "failing.ts")
    writeFileSync(file, runnable("1 + 1 // => 3"))
    const error: unknown = await import(/* @vite-ignore */ file).catch((cause: unknown) => cause)
    assert.match(String(error), /expected 2 to deeply equal 3/)
    rmSync(file)
  })

  // The compiler is the same program under every runtime: one of them asks it.
  const once = process.versions.bun === undefined && process.versions.deno === undefined
  it.runIf(once)(
    "they compile, strictly",
    async () => {
      const config = {
        extends: "../../../tsconfig.json",
        compilerOptions: { noUnusedLocals: false },
        include: ["*.ts"]
      }
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
      const output = await new Promise<string>((resolve) =>
        execFile(join(top, "node_modules", ".bin", "tsc"), ["--noEmit", "-p", folder], (_, stdout) => resolve(stdout))
      )
      assert.strictEqual(output, "")
    },
    60_000
  )
})
