/** An exhibit as a test. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { isNode } from "../runtimes/node.ts"
import { check, type Exhibit, find } from "./museum.ts"
import { entry, entryOn, lasting } from "./page.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/museum.md"), "utf8")

/** Sound, nothing is found; defective, the law is, at most at this size, again by its token, and as the page has it. */
export const exhibited = (exhibit: Exhibit): void =>
  it.live.runIf(isNode)(exhibit.title, () =>
    Effect.gen(function* () {
      const { also = [], law, size, title } = exhibit
      assert.strictEqual((yield* check(exhibit, "sound"))._tag, "Verified")
      const found = yield* find(exhibit)
      if (found._tag !== "Found") return assert.fail(`not found: ${found.verdict._tag}`)
      const { switches, ...rest } = found.size
      const { switches: most, ...least } = size
      assert.deepStrictEqual(
        { broken: new Set(found.broken), size: rest, replays: !found.changed },
        { broken: new Set([law, ...also]), size: least, replays: true }
      )
      assert.isAtMost(switches, most)
      assert.strictEqual(lasting(entryOn(page, title)), lasting(entry(exhibit, found)))
    })
  )
