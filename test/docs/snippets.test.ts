/**
 * Every TypeScript snippet of the README, of docs/ and of the docstrings runs here, and compiles. `expression // => value`
 * is an assertion. One that is marked as a test is a file of vitest, of which one test fails with the text that follows it.
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

/** The pages' test files, each with what its failing test says. */
const testFiles = list("docs", ".md").flatMap((page) =>
  [...readFileSync(join(top, page), "utf8").matchAll(/```ts test\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)\n```/g)].map(
    ([, code = "", says = ""], n) => ({ name: `${page}, test file ${n + 1}`, code, says })
  )
)

interface Reported {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{
      readonly status: string
      readonly failureMessages: ReadonlyArray<string>
    }>
  }>
}

/** Runs a test file by a vitest of its own. What each of its tests came to, and what those that failed say. */
const tested = async (file: string): Promise<Reported["testResults"][number]["assertionResults"]> => {
  const config = join(folder, "vitest.config.ts")
  const report = join(folder, "report.json")
  writeFileSync(config, `export default { test: { include: ["${file}"] } }\n`)
  const args = ["run", "--config", config, "--root", folder, "--reporter", "json", "--outputFile", report]
  await new Promise((resolve) => execFile(join(top, "node_modules", ".bin", "vitest"), args, { cwd: folder }, resolve))
  // Boundary: vitest's own report.
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Reported
  return testResults.flatMap(({ assertionResults }) => assertionResults)
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

  // The compiler is the same program under every runtime, as is vitest's runner: one of them asks it.
  const once = process.versions.bun === undefined && process.versions.deno === undefined
  it.runIf(once).each(testFiles.map(({ code, name, says }, n) => [name, code, says, n] as const))(
    "%s: one of its tests fails, and says what the page says",
    async (_, code, says, n) => {
      const file = `page${n}.spec.ts`
      writeFileSync(join(folder, file), runnable(code))
      const results = await tested(file)
      const failed = results.filter(({ status }) => status === "failed")
      assert.deepStrictEqual([results.length, failed.length], [2, 1])
      const message = failed[0]?.failureMessages[0] ?? ""
      assert.strictEqual(message.slice(0, message.indexOf("\n    at ")), `Error: ${says}`)
    },
    60_000
  )

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
