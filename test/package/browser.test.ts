/** The core needs nothing that a browser has not: bundled whole, it opens a store where there is no runtime's own global. */
import { join } from "node:path"
import { createContext, runInContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { build, type Plugin } from "esbuild"
import { bytesOf, describeSamples } from "../providers/pst/stage.ts"

const root = join(import.meta.dirname, "../..")

/** Every module of the package's index, none of it shaken off, and who in it imports a runtime's own module. */
const bundle = async (contents: string, plugins: ReadonlyArray<Plugin> = []) => {
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
    plugins: [...plugins],
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

/** The parser of .pst files imports `fs` for a function that is not called here: to a browser it is an empty module. */
const withoutFs: Plugin = {
  name: "without fs",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^fs$/ }, ({ path }) => ({ path, namespace: "empty" }))
    onLoad({ filter: /./, namespace: "empty" }, () => ({ contents: "export default {}" }))
  }
}

describeSamples("in a browser, a .pst file", () => {
  it("opens from its bytes, and shows its tree and a message", async () => {
    const { runtimeOwn, script } = await bundle(`export * from "./pstProgram.ts"`, [withoutFs])
    // Not reached where `open` is given; an import that is not static.
    assert.deepStrictEqual(runtimeOwn, ["src/providers/Pst.ts imports node:fs/promises"])
    const context = createContext({ ...browser(), bytes: bytesOf("pstsdk-sample1") })
    runInContext(script, context)
    assert.strictEqual(
      await runInContext("bundle.run(bytes)", context),
      JSON.stringify({
        folders: ["Top of Outlook data file", "Search Root"],
        message: {
          PR_SUBJECT: "Here is a sample message",
          PR_CLIENT_SUBMIT_TIME: "2010-03-15T17:12:05.000Z",
          PR_BODY: "With a sample attachment. It’s my daughter and our puppy. Aren’t they cute?\r\n\r\n"
        },
        held: 0
      })
    )
  })

  it("opened by its path is told what to do", async () => {
    const { script } = await bundle(`export * from "./pstProgram.ts"`, [withoutFs])
    const context = createContext(browser())
    runInContext(script, context)
    assert.strictEqual(
      await runInContext("bundle.byPath()", context),
      "Give `Pst.make` an `open` of your own, which says where the bytes come from."
    )
  })
})
