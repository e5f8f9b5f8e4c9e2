/**
 * The package as its users get it: packed, examined, installed into an empty project, and run there by each runtime.
 *
 * `npm run check:package`. Unlike the tests it needs the npm registry, for effect, and for Node 20 where the machine has none.
 * Each check is a line; the last line counts them; the exit code is 0 only if none failed.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"

const root = join(import.meta.dirname, "../..")
const work = mkdtempSync(join(tmpdir(), "effect-mapi-"))
const project = join(work, "project")
const count = { passed: 0, failed: 0 }

interface Ran {
  readonly code: number | null
  readonly out: string
}

const run = (command: string, args: ReadonlyArray<string>, options: { cwd?: string; env?: object } = {}): Ran => {
  const { cwd = root, env = {} } = options
  const given = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...env }
  const { error, status, stderr, stdout } = spawnSync(command, args, { cwd, encoding: "utf8", env: given })
  return { code: status, out: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` }
}

/** One line. `ok` says what is to be seen in what was run; all of it is shown where it is not. */
const check = (name: string, ran: Ran, ok: (ran: Ran) => boolean = ({ code }) => code === 0): boolean => {
  const passed = ok(ran)
  count[passed ? "passed" : "failed"] += 1
  console.log(`${passed ? "ok  " : "FAIL"} ${name}`)
  if (!passed) console.log(`     exit code ${ran.code}\n${ran.out.replace(/^/gm, "     ")}`)
  return passed
}

const says =
  (...words: ReadonlyArray<string>) =>
  (ran: Ran) =>
    words.every((word) => ran.out.includes(word))

const install = (into: string, ...packages: ReadonlyArray<string>): Ran => {
  mkdirSync(into, { recursive: true })
  const manifest = { private: true, type: "module", allowScripts: { node: true } } // Node comes by a script of its own
  writeFileSync(join(into, "package.json"), JSON.stringify(manifest))
  return run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], { cwd: into })
}

const major = (node: string): string => run(node, ["--version"]).out.split(".")[0] ?? ""

/** A Node 20: the machine's own, else one from the registry. */
const node20 = (): string => {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"))
  const own = onPath.find((node) => major(node) === "v20")
  if (own !== undefined) return own
  const fetched = join(work, "node20")
  install(fetched, "node@20")
  return join(fetched, "node_modules/node/bin/node")
}

const pack = (): string => {
  check("npm pack builds and packs", run("npm", ["pack", "--pack-destination", work]))
  return join(work, readdirSync(work).find((file) => file.endsWith(".tgz")) ?? "nothing.tgz")
}

const examine = (tarball: string) => {
  check("publint has nothing to say", run("publint", ["run", tarball, "--strict"]), says("All good!"))
  check("attw finds no type wrong", run("attw", [tarball, "--profile", "esm-only", "--no-definitely-typed"]))
  const dryRun = ["publish", "--dry-run", "--allow-dirty", "--allow-slow-types"]
  check("deno publish would take it", run("deno", dryRun), says("Dry run complete"))
}

/** A module that imports what no user may, and says how that went. */
const trespass = `try { await import("effect-mapi/internal/session"); console.log("let in") }
catch (error) { console.log("kept out:", error.message) }`

const runtimes: ReadonlyArray<readonly [name: string, command: string, args: ReadonlyArray<string>]> = [
  ["Node 24", process.execPath, []],
  ["Deno", "deno", ["run", "--allow-all"]],
  ["Bun", "bun", ["run"]]
]

const useLibrary = () => {
  cpSync(join(import.meta.dirname, "program.ts"), join(project, "program.js"))
  writeFileSync(join(project, "main.js"), `import { run } from "./program.js"\nconsole.log(await run())\n`)
  writeFileSync(join(project, "trespass.js"), trespass)
  for (const [name, command, args] of [["Node 20", node20(), []] as const, ...runtimes]) {
    const main = run(command, [...args, "main.js"], { cwd: project })
    check(
      `${name} opens a store in memory`,
      main,
      says(`"folders":["Letters","Bills"],"steps":[1,2,3,4,5,6,7,8,9],"held":0`)
    )
    check(
      `${name} cannot import internal/`,
      run(command, [...args, "trespass.js"], { cwd: project }),
      says("kept out:")
    )
  }
}

const useTypes = () => {
  cpSync(join(import.meta.dirname, "program.ts"), join(project, "program.ts"))
  const options = ["--strict", "--module", "nodenext", "--target", "es2023", "--lib", "es2023", "--types", ""]
  const tsc = run("tsc", ["--noEmit", "--skipLibCheck", ...options, "program.ts"], { cwd: project })
  check("TypeScript takes the declarations", tsc)
}

const useCommand = () => {
  const command = join(project, "node_modules/effect-mapi/dist/cli/main.js")
  const env = { HOME: work, XDG_DATA_HOME: work, LOCALAPPDATA: work, TMPDIR: work }
  const bare = run(process.execPath, [command, "open"], { cwd: project, env })
  check(
    "the command alone says what to install",
    bare,
    (ran) => ran.code !== 0 && says("npm install", "@effect/platform-node-shared")(ran) && !says("    at ")(ran)
  )
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "@effect/platform-node-shared@^4.1.0"], {
    cwd: project
  })
  for (const [name, runtime, args] of runtimes) {
    check(`${name} opens the demonstration store`, run(runtime, [...args, command, "open"], { cwd: project, env }))
  }
}

try {
  const tarball = pack()
  examine(tarball)
  if (check("npm installs it, and effect with it", install(project, tarball))) {
    useLibrary()
    useTypes()
    useCommand()
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed === 0 ? 0 : 1
