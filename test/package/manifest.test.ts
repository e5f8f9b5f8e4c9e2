/** package.json, for npm, and deno.json, for Deno's registry, say the same; and what they export is what there is. */
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import denoJson from "../../deno.json" with { type: "json" }
import packageJson from "../../package.json" with { type: "json" }

const root = join(import.meta.dirname, "../..")

/** Of explore/, whose rest is the explorer's own. */
const alone = ["./explore/vitest"]

/** The modules that a user may import: everything in these folders but the index, which is the package itself. */
const publicModules = ["", "providers/", "diagram/"]
  .flatMap((folder) =>
    readdirSync(join(root, "src", folder), { withFileTypes: true }).flatMap((file) =>
      file.isFile() && file.name.endsWith(".ts") && file.name !== "index.ts"
        ? [`./${folder}${file.name.slice(0, -3)}`]
        : []
    )
  )
  .concat(alone)

const exported: Record<string, unknown> = packageJson.exports

/** What package.json says of a module of this name. */
const entry = (subpath: string) => {
  const path = subpath === "." ? "index" : subpath.slice(2)
  return {
    "effect-mapi-source": `./src/${path}.ts`,
    types: `./dist/${path}.d.ts`,
    default: `./dist/${path}.js`
  }
}

describe("the manifests", () => {
  it("agree on the version, the licence, and what the package runs with", () => {
    assert.strictEqual(denoJson.version, packageJson.version)
    assert.strictEqual(denoJson.license, packageJson.license)
    assert.strictEqual(denoJson.name, `@${packageJson.name}/${packageJson.name}`)
    const peers: Record<string, string> = packageJson.peerDependencies
    const imports: Record<string, string> = denoJson.imports
    for (const [name, range] of Object.entries(peers)) assert.strictEqual(imports[name], `npm:${name}@${range}`)
  })

  it("export each public module, one by one, and nothing else", () => {
    const { ".": _, "./internal/*": internal, "./package.json": self, ...modules } = exported
    assert.deepStrictEqual(Object.keys(modules).sort(), publicModules.toSorted())
    assert.strictEqual(internal, null)
    assert.strictEqual(self, "./package.json")
    const { ".": denoIndex, ...denoModules } = denoJson.exports
    assert.strictEqual(denoIndex, "./src/index.ts")
    assert.deepStrictEqual(Object.keys(denoModules).sort(), publicModules.toSorted())
  })

  it.each([".", ...publicModules])("name the files of %s", (subpath) => {
    const { "effect-mapi-source": source } = entry(subpath)
    assert.deepStrictEqual(exported[subpath], entry(subpath))
    assert.strictEqual(new Map(Object.entries(denoJson.exports)).get(subpath), source)
    assert.isTrue(existsSync(join(root, source)), source)
  })

  it("ask for no package at run time but peers, of which only effect is required", () => {
    assert.notProperty(packageJson, "dependencies")
    const optional: Record<string, { readonly optional: boolean }> = packageJson.peerDependenciesMeta
    const required = Object.keys(packageJson.peerDependencies).filter((name) => optional[name]?.optional !== true)
    assert.deepStrictEqual(required, ["effect"])
  })

  it("pin every tool", () => {
    const loose = Object.entries(packageJson.devDependencies).filter(
      ([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range)
    )
    assert.deepStrictEqual(loose, [])
  })
})
