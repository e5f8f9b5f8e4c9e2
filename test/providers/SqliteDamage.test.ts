/** Damaged stores: whatever is in the file, the answer is a tree or a typed error, and nothing is left held. */
import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { InMemory, MsgStore } from "../../src/index.ts"
import * as Sqlite from "../../src/providers/Sqlite.ts"
import { damaged, newPath, opening, outcome, playing, spec, treeOf, verdict, written } from "../support/sqliteStore.ts"

const corrupt = "ProviderFailed MAPI_E_CORRUPT_STORE"

describe("a store whose folders are in disorder", () => {
  // Numbers: 1 is the root, 2 Inbox, 3 Empty, 4 the one in Inbox.
  const rest = { name: "Projects", folders: [{ name: "Empty" }] }
  const inbox = spec.folders?.[0]
  const cases = [
    ["the root below itself", "UPDATE folders SET parent = 4 WHERE id = 1", corrupt, corrupt],
    ["a folder in itself", "UPDATE folders SET parent = 2 WHERE id = 2", rest, corrupt],
    ["two folders in each other", "UPDATE folders SET parent = 4 WHERE id = 2", rest, corrupt],
    ["a folder in one that is not there", "UPDATE folders SET parent = 99 WHERE id = 2", rest, inbox],
    ["a folder in none", "UPDATE folders SET parent = NULL WHERE id = 2", rest, inbox],
    ["no root", "DELETE FROM folders WHERE id = 1", corrupt, inbox],
    ["no folders", "DELETE FROM folders", corrupt, "NotFound MAPI_E_NOT_FOUND"],
    ["a number that no id holds", "INSERT INTO folders VALUES (4294967296, 1, 'x')", corrupt, inbox],
    ["a number that no double holds", `INSERT INTO messages VALUES (${2n ** 53n + 1n}, 2, 'x')`, corrupt, corrupt],
    ["a number below zero", "INSERT INTO messages VALUES (-1, 2, 'x')", corrupt, corrupt]
  ] as const

  /** The tree below folder 2, come what may above it. */
  const fromInbox = (store: MsgStore.MsgStore) => {
    const isFolder = (entry: MsgStore.Folder | MsgStore.Message): entry is MsgStore.Folder => entry._tag === "Folder"
    const inbox = store.openEntry(Uint8Array.of(0x46, 0, 0, 0, 2))
    return treeOf(
      store,
      Effect.filterOrElse(inbox, isFolder, () => Effect.die("a folder's id is a folder's"))
    )
  }

  it.effect.each(cases)("%s", ([, sql, fromRoot, below]) =>
    Effect.gen(function* () {
      const file = yield* written()
      yield* damaged(file, sql)
      assert.deepStrictEqual(yield* outcome(file), fromRoot)
      const { exit } = yield* playing((session) => Effect.flatMap(opening(session, file), fromInbox))
      assert.deepStrictEqual(verdict(exit), below)
    })
  )
})

describe("a store whose bytes are damaged", () => {
  /** A few rows so long that each table takes several pages, and so has a tree of pages to damage. */
  const large: InMemory.FolderSpec = {
    name: "Large",
    folders: Array.from({ length: 12 }, (_, n) => ({
      name: `Folder ${n} ${"-".repeat(900)}`,
      messages: [`Message ${n} ${"=".repeat(900)}`, `Message too long for a page: ${"=".repeat(n * 900)}`]
    }))
  }

  /** Numbers from 0 to `below`, the same ones each time: mulberry32. */
  const numbers = (seed: number) => {
    let state = seed
    return (below: number): number => {
      state = (state + 0x6d2b79f5) | 0
      const once = Math.imul(state ^ (state >>> 15), 1 | state)
      const twice = (once + Math.imul(once ^ (once >>> 7), 61 | once)) ^ once
      return ((twice ^ (twice >>> 14)) >>> 0) % below
    }
  }

  /** Harms a copy of a good store in each of these ways, and counts what comes of it. */
  const tally = Effect.fnUntraced(function* (harms: ReadonlyArray<(bytes: Uint8Array) => Uint8Array>) {
    const file = yield* newPath()
    yield* Sqlite.create(file, large)
    const good = fs.readFileSync(file)
    const counts: Record<string, number> = {}
    for (const harm of harms) {
      fs.writeFileSync(file, harm(Uint8Array.from(good)))
      const result = yield* outcome(file)
      const name = typeof result === "string" ? result : isLarge(result) ? "whole" : "another tree"
      counts[name] = (counts[name] ?? 0) + 1
    }
    return counts
  })
  const isLarge = (tree: unknown): boolean => JSON.stringify(tree) === JSON.stringify(large)

  it.effect("cut off at any length, it is refused", () =>
    Effect.gen(function* () {
      const parts = 128
      const cut = (n: number) => (bytes: Uint8Array) => bytes.subarray(0, Math.floor((bytes.length * n) / parts))
      assert.deepStrictEqual(yield* tally(Array.from({ length: parts }, (_, n) => cut(n))), { [corrupt]: parts })
      const short = Array.from({ length: 101 }, (_, n) => (bytes: Uint8Array) => bytes.subarray(0, -1 - n))
      assert.deepStrictEqual(yield* tally(short), { [corrupt]: 101 })
    })
  )

  it.effect(
    "with bits turned over, it is a tree or a typed error",
    () =>
      Effect.gen(function* () {
        const next = numbers(20_231)
        const harms = Array.from({ length: 300 }, (_, n) => (bytes: Uint8Array) => {
          // Where the most depends on it: the header, the head of a page, the cells at a page's end; or anywhere.
          const page = next(bytes.length / 4096) * 4096
          const at = [next(112), page + next(40), page + 3500 + next(596), next(bytes.length)][n % 4] ?? 0
          for (let more = next(4); more >= 0; more--) bytes[at + more] = (bytes[at + more] ?? 0) ^ (1 << next(8))
          return bytes
        })
        const counts = yield* tally(harms)
        assert.isAbove(counts.whole ?? 0, 0)
        assert.isAbove(counts["another tree"] ?? 0, 0)
        assert.isAbove(counts[corrupt] ?? 0, 0)
      }),
    60_000
  )
})
