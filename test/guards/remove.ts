/**
 * Takes away one guard after another, in a copy, and runs the tests: which of them notices? Run by hand:
 *
 *     node test/guards/remove.ts [--quick] [MODULE | MODULE:LINE ...]
 *
 * `--quick` leaves out the longest searches: what it misses is to be asked again without. A line for each guard, the last line
 * counts them. What no test notices may still be what the types need. Exits with 1 where a guard is missed by nobody. A module
 * is named by its path in src: `SessionState`, `internal/logon`. The copy goes with the process, also where it is killed.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { constants, tmpdir } from "node:os"
import { join } from "node:path"
import { type Guard, guardsOf } from "./guards.ts"

const root = join(import.meta.dirname, "../..")
const inside = ["logon", "pair", "ask", "live", "session", "aside"].map((name) => `internal/${name}`)
const all = ["SessionState", "LoadSequence", "UnloadSequence", "RefCounted", "Spooler", ...inside]
const words = process.argv.slice(2).filter((word) => word !== "--quick")
const isQuick = process.argv.includes("--quick")
const asked = words.length > 0 ? words : all
const modules = new Set(asked.map((word) => word.replace(/:.*/, "")))
const isAsked = (module: string, line: number): boolean => asked.includes(module) || asked.includes(`${module}:${line}`)

const copy = mkdtempSync(join(tmpdir(), "guards-"))
/** What runs now, with workers of its own: they are a process group. */
let running: ChildProcess | undefined
const stop = (): void => {
  if (running?.pid === undefined) return
  try {
    process.kill(-running.pid, "SIGKILL")
  } catch {
    // It has ended meanwhile.
  }
}
process.on("exit", () => {
  stop()
  rmSync(copy, { recursive: true, force: true })
})
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]))
}

for (const name of [
  "src",
  "test",
  "docs",
  "package.json",
  "tsconfig.json",
  "tsconfig.src.json",
  "vitest.config.ts",
  "README.md"
]) {
  cpSync(join(root, name), join(copy, name), { recursive: true })
}
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))

/** The nearest first: the first that fails ends the run. A module's own are those whose names begin with its name. */
const suites = (module: string): ReadonlyArray<ReadonlyArray<string>> => [
  [`test/${module}`, "test/internal", "test/scenarios"],
  [
    "test/Spooler.test.ts",
    "test/MsgStore.test.ts",
    "test/StoreHandle.test.ts",
    "test/ProviderKit.test.ts",
    "test/SupportObject.test.ts"
  ],
  ["protocol", "blob", "witnesses", "twoClients"].map((name) => `test/explore/${name}.test.ts`),
  ["test/providers"]
]

/** Pages and tokens notice every change of the steps, and say nothing of what is wrong with it. */
const leftOut = ["docs/", "every error at every step"]
const longest = [
  "all laws hold in every execution.*(two clients|session end)",
  "the whole search of a program.*end-after"
]
const noticing = `^(?!${(isQuick ? [...leftOut, ...longest] : leftOut).join("|")})`

interface Ran {
  readonly said: string
  readonly code: number | null
}

/** Runs a command in the copy, for ten minutes at most: undefined where it does not end. */
const run = (command: string, args: ReadonlyArray<string>): Promise<Ran | undefined> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" }
    const child = spawn(command, args, {
      cwd: copy,
      detached: true,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 600_000,
      killSignal: "SIGKILL"
    })
    running = child
    let said = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (more) => {
        said += more
      })
    }
    child.on("error", reject).on("exit", stop) // its workers, too, where its time is up
    child.on("close", (code, signal) => {
      running = undefined
      resolve(signal === null ? { said, code } : undefined)
    })
  })

/** The first test that fails, or what it came to otherwise; undefined where all pass. */
const noticed = async (module: string): Promise<string | undefined> => {
  for (const files of suites(module)) {
    const ran = await run(process.execPath, [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--bail",
      "1",
      "--passWithNoTests",
      "--reporter",
      "default",
      "--testNamePattern",
      noticing,
      ...files
    ])
    if (ran === undefined) return "a test that never ends"
    const failed = /^ *(?:FAIL|Error:|TypeError:|SyntaxError:) *(.*)$/m.exec(ran.said)
    if (failed !== null || ran.code !== 0) return failed?.[1] ?? "a run that fails"
  }
  return undefined
}

/** What nobody uses, or reaches, any more: it says that something is gone, and not that it is needed. */
const idle = /^TS(?:6133|6192|6196|7027):/

/** A condition that nobody asks tells the types nothing: the first error, where they need it in what is still reached. */
const untyped = async ({ dead: [start, end] = [0, 0], without }: Guard): Promise<string | undefined> => {
  const lines = without.split("\n")
  const tsc = await run(join(root, "node_modules/.bin/tsc"), ["--noEmit", "--project", "tsconfig.src.json"])
  for (const [, line, column, error = ""] of (tsc?.said ?? "").matchAll(/\((\d+),(\d+)\): error (TS\d+: .*)/g)) {
    if (idle.test(error)) continue
    const before = lines.slice(0, Number(line) - 1).reduce((length, { length: more }) => length + more + 1, 0)
    const at = before + Number(column) - 1
    if (at < start || at >= end) return error
  }
  return undefined
}

const count = { caught: 0, missed: 0 }
for (const module of modules) {
  const path = join(copy, "src", `${module}.ts`)
  const source = readFileSync(path, "utf8")
  for (const guard of guardsOf(path, source).filter(({ line }) => isAsked(module, line))) {
    const { line, what, without } = guard
    writeFileSync(path, without)
    const by = (await noticed(module)) ?? (await untyped(guard))
    count[by === undefined ? "missed" : "caught"] += 1
    console.log(
      `${by === undefined ? "MISSED" : "ok    "} ${module}:${line} ${what}${by === undefined ? "" : ` -- ${by}`}`
    )
  }
  writeFileSync(path, source)
}
console.log(`${count.caught} caught, ${count.missed} missed`)
process.exitCode = count.missed === 0 ? 0 : 1
