/** The command from a checkout: one script each for npm, Deno and Bun, which runs it unbuilt under that very runtime. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import packageJson from "../../package.json" with { type: "json" }
import { isNode } from "./node.ts"

const root = join(import.meta.dirname, "../..")
const bin = (name: string) => join(root, "node_modules/.bin", name)

const run = (command: string, args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  new Promise<string>((resolve) =>
    execFile(command, args, { cwd: root, env: { ...process.env, ...env } }, (_, stdout) => resolve(stdout.trim()))
  )

/** Node refuses to start with this; Deno and Bun do not care. */
const notNode = { NODE_OPTIONS: "--no-such-option" }

const version = `effect-mapi v${packageJson.version}`

// Each script names its runtime: one of them asks for all.
describe.runIf(isNode)("the command, unbuilt", () => {
  it("runs under Node by npm run", async () => {
    assert.strictEqual(await run("npm", ["run", "--silent", "cli", "--", "--version"]), version)
    assert.strictEqual(await run(bin("node"), ["src/cli/main.ts", "--version"], notNode), "")
  })

  it("runs under Deno by deno task", async () => {
    assert.strictEqual(await run(bin("deno"), ["task", "--quiet", "cli", "--version"], notNode), version)
  })

  it("runs under Bun by bun run", async () => {
    assert.strictEqual(await run(bin("bun"), ["run", "--silent", "cli", "--version"], notNode), version)
  })
})
