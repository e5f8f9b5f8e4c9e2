/** The core needs nothing that a browser has not: bundled whole, it opens a store where there is no runtime's own global. */
import { join } from "node:path"
import { createContext, runInContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"

const root = join(import.meta.dirname, "../..")

/** Every module of the package's index, none of it shaken off, and who in it imports a runtime's own module. */
const bundle = async (contents: string) => {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    absWorkingDir: root,
    bundle: true,
    conditions: ["effect-mapi-source"],
    external: ["node:*"],
    format: "iife",
    globalName: "bundle",
    logLevel: "silent",
    metafile: true,
    platform: "browser",
    treeShaking: false,
    write: false
  })
  const runtimeOwn = Object.entries(metafile.inputs).flatMap(([module, { imports }]) =>
    imports.flatMap(({ external, path }) => (external === true ? [`${module} imports ${path}`] : []))
  )
  return { modules: Object.keys(metafile.inputs), runtimeOwn, script: outputFiles[0]?.text ?? "" }
}

/** What ECMAScript leaves out, every browser has, and Effect or the core uses. */
const browser = () => ({ TextDecoder, TextEncoder, URL, clearTimeout, console, queueMicrotask, setTimeout })

describe("in a browser", () => {
  it("opens a store in memory, without process, Buffer or require", async () => {
    const { modules, runtimeOwn, script } = await bundle(`export * from "effect-mapi"; export * from "./program.ts"`)
    assert.deepStrictEqual(runtimeOwn, [])
    assert.include(modules, "src/LoadSequence.ts", "the sources were bundled, not a build of them")

    const context = createContext(browser())
    runInContext(script, context)
    for (const name of ["process", "Buffer", "require", "Deno", "Bun"]) {
      assert.strictEqual(runInContext(`typeof ${name}`, context), "undefined", name)
    }
    assert.strictEqual(
      await runInContext("bundle.run()", context),
      `{"store":{"PR_DISPLAY_NAME":"Inbox"},"folders":["Letters","Bills"],"steps":[1,2,3,4,5,6,7,8,9],"held":0}`
    )
  })

  it("is told of an import that no browser has", async () => {
    const { runtimeOwn } = await bundle(`import "node:fs"; export * from "effect-mapi"`)
    assert.deepStrictEqual(runtimeOwn, ["<stdin> imports node:fs"])
  })
})
