import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { isNode } from "../runtimes/node.ts"

const here = dirname(fileURLToPath(import.meta.url))
const top = join(here, "..", "..")
const expectation = /^\s*\/\/ @ts-expect-error (?<why>.+) \| (?<words>\S+)$/

/** The compiler's messages on a copy of a file, by line. */
const diagnose = async (source: string): Promise<ReadonlyMap<number, string>> => {
  const folder = await mkdtemp(join(here, "compiled-"))
  try {
    const relocated = source.replaceAll('"../../src/', '"../../../src/').replaceAll('"./', '"../')
    await writeFile(join(folder, "program.ts"), relocated)
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../../tsconfig.json", include: ["program.ts"] })
    )
    const output = await new Promise<string>((resolve) =>
      execFile(
        join(top, "node_modules", ".bin", "tsc"),
        ["--noEmit", "--pretty", "false", "--noErrorTruncation", "--project", folder],
        { maxBuffer: 1 << 26 },
        (_, stdout) => resolve(stdout)
      )
    )
    return byLine(output)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A message goes on over indented lines. */
const byLine = (output: string): ReadonlyMap<number, string> => {
  const messages = new Map<number, string>()
  let at = 0
  for (const line of output.split("\n")) {
    const start = /program\.ts\((\d+),\d+\): error/.exec(line)
    if (start !== null) at = Number(start[1])
    messages.set(at, `${messages.get(at) ?? ""}${line}\n`)
  }
  messages.delete(0)
  return messages
}

// The compiler is the same program under every runtime: one of them asks it.
describe.runIf(isNode)("what the compiler must refuse", () => {
  it("each refused program fails on its own line, for its own reason, and nothing else fails", async () => {
    const source = await readFile(join(here, "refused.ts"), "utf8")
    const lines = source.split("\n")
    const expected = lines.flatMap((line, n) => {
      const found = expectation.exec(line)?.groups
      return found === undefined ? [] : [{ line: n + 2, why: found.why ?? "", words: found.words ?? "" }]
    })
    const messages = await diagnose(lines.map((line) => line.replace("@ts-expect-error", "refused:")).join("\n"))

    assert.isAtLeast(expected.length, 30)
    assert.deepStrictEqual(
      [...messages.keys()].sort((a, b) => a - b),
      expected.map(({ line }) => line)
    )
    const unreasoned = expected.filter(({ line, words }) => messages.get(line)?.includes(words) !== true)
    assert.deepStrictEqual(unreasoned, [])
  }, 60_000)

  it("the check can fail: a program that does compile is reported", async () => {
    const source = await readFile(join(here, "refused.ts"), "utf8")
    const harmless = `${source}\n// @ts-expect-error nothing is wrong with this | number\nexport const fine: number = 1\n`
    const messages = await diagnose(harmless)
    assert.deepStrictEqual(
      [...messages.values()].map((message) => message.includes("Unused '@ts-expect-error' directive")),
      [true]
    )
  }, 60_000)

  it("the unions are pinned both ways: one member more or less breaks the build", async () => {
    const source = await readFile(join(here, "unions.ts"), "utf8")
    const more = await diagnose(source.replace('| "InvalidParameter"', '| "InvalidParameter" | "Invented"'))
    const less = await diagnose(source.replace('  | "LoadFailed"\n', ""))
    assert.match([...more.values()].join(), /missing/)
    assert.match([...less.values()].join(), /unexpected/)
    assert.strictEqual((await diagnose(source)).size, 0)
  }, 60_000)
})
