import { existsSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { command, folder } from "./command.ts"

const demo =
  "0000000038A1BB1005E5101AA1BB08002B2A56C2 00 00 44454D4F2E444C4C 00 00\n" +
  "00000000 0102030405060708090A0B0C0D0E0F10 CAFEF00D"
const data = "../shared/data"

describe("effect-mapi entryid", () => {
  it.effect("prints what an id says, as a tree", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* command(["entryid", demo], { home: yield* folder })
      assert.strictEqual(code, 0)
      assert.match(stdout, /^wrapped store entry id\n[\s\S]*DLLFileName: DEMO\.DLL\n/)
    })
  )

  it.effect("reads standard input, and prints one JSON document", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* command(["entryid", "-", "--format", "json"], {
        home: yield* folder,
        input: demo
      })
      assert.strictEqual(code, 0)
      const { dllFileName, kind, wrappedProviderUid } = JSON.parse(stdout)
      assert.deepStrictEqual(
        { dllFileName, kind, wrappedProviderUid },
        {
          dllFileName: "DEMO.DLL",
          kind: "wrappedStore",
          wrappedProviderUid: "{04030201-0605-0807-090A-0B0C0D0E0F10}"
        }
      )
    })
  )

  it.effect("refuses what is no id, with the place, and exits 1", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* command(["entryid", "cb: 12"], { home: yield* folder })
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.include(stderr, "at character 2 of the text")
    })
  )
})

describe("effect-mapi inf", () => {
  it.effect.skipIf(!existsSync(`${data}/inf`))("prints what a file says, and each complaint with its line", () =>
    Effect.gen(function* () {
      const file = `${data}/inf/kopano-core__kopano.inf`
      const { code, stdout } = yield* command(["inf", file], { home: yield* folder })
      assert.strictEqual(code, 0)
      assert.include(stdout, "stores are served by zarafa6client.dll")
      assert.include(stdout, `${file}:8: warning: "PR_SERVICE_SO_NAME"`)
    })
  )

  it.effect("says that a file is not there, and exits 1", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* command(["inf", "nowhere.inf"], { home: yield* folder })
      assert.strictEqual(code, 1)
      assert.include(stderr, "nowhere.inf could not be read")
    })
  )
})
