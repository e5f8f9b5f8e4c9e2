/** The demonstration store: made on first use, by one process or by several at once. */
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Sqlite from "../../src/providers/Sqlite.ts"
import { newPath, outcome } from "../support/sqliteStore.ts"

describe("the demonstration store", () => {
  it.effect("is made where it is not, and left alone where it is", () =>
    Effect.gen(function* () {
      const file = yield* newPath(path.join("some", "new", "folder", "demo.db"))
      yield* Sqlite.ensureDemo(file)
      const made = fs.readFileSync(file)
      fs.utimesSync(path.dirname(file), 1, 1) // tells whether anything is made in it
      yield* Sqlite.ensureDemo(file)
      assert.strictEqual(fs.statSync(path.dirname(file)).mtimeMs, 1000)
      assert.isTrue(made.equals(fs.readFileSync(file)))
      assert.deepStrictEqual(yield* outcome(file), Sqlite.demo)
      fs.writeFileSync(file, "mine")
      yield* Sqlite.ensureDemo(file)
      assert.strictEqual(fs.readFileSync(file, "utf8"), "mine")
    })
  )

  it.live("is made once and complete by processes that all want it at once", () =>
    Effect.gen(function* () {
      const at = path.dirname(yield* newPath())
      const files = Array.from({ length: 8 }, (_, n) => path.join(at, `${n}`, "demo.db"))
      const program = fileURLToPath(new URL("../support/ensureDemos.ts", import.meta.url))
      const args = "Deno" in globalThis ? ["run", "--allow-all", program] : [program]
      const children = Array.from({ length: 3 }, () =>
        childProcess.spawn(process.execPath, [...args, ...files], { stdio: ["pipe", "pipe", "inherit"] })
      )
      const heard = (child: (typeof children)[number]) =>
        Effect.promise(() => new Promise((resolve) => child.stdout.once("data", resolve)))
      const ended = (child: (typeof children)[number]) =>
        Effect.promise(() => new Promise((resolve) => child.once("exit", resolve)))
      yield* Effect.forEach(children, heard, { concurrency: "unbounded" })
      for (const child of children) child.stdin.write("go")
      assert.deepStrictEqual(yield* Effect.forEach(children, ended, { concurrency: "unbounded" }), [0, 0, 0])
      for (const file of files) {
        assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), ["demo.db"])
        assert.deepStrictEqual(yield* outcome(file), Sqlite.demo)
      }
    })
  )
})
