/** A second copy of Effect in the process: what it makes is refused by name, wherever it comes up in a program. */
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Explore from "../../src/explore.ts"

const installed = dirname(createRequire(import.meta.url).resolve("effect/package.json"))
const here = existsSync(join(installed, "dist", "Effect.js"))

const folder = mkdtempSync(join(tmpdir(), "effect-mapi-"))
let other: typeof Effect | undefined
let otherRef: typeof Ref | undefined

// In a folder of the usual name, so that the test runner takes it as it is.
const copy = join(folder, "node_modules", "effect")

beforeAll(async () => {
  if (!here) return
  cpSync(join(installed, "package.json"), join(copy, "package.json"))
  cpSync(join(installed, "dist"), join(copy, "dist"), {
    recursive: true,
    filter: (path) => !/\.(d\.ts|map)$/.test(path)
  })
  const at = (name: string) => pathToFileURL(join(copy, "dist", name)).href
  other = await import(at("Effect.js"))
  otherRef = await import(at("Ref.js"))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const foreign = (): typeof Effect => other ?? assert.fail("the copy was not loaded")

/** Where an effect of the other copy may come up. */
const programs: Readonly<Record<string, () => Effect.Effect<unknown, unknown>>> = {
  "the program itself": () => foreign().sync(Object),
  "a value that succeeds at once": () => foreign().succeed(1),
  "one that fails": () => foreign().fail("no"),
  "a continuation": () => Effect.flatMap(Effect.void, () => foreign().sync(Object)),
  "a step of a generator": () =>
    Effect.gen(function* () {
      yield* Effect.void
      return yield* foreign().suspend(() => Effect.succeed(1))
    }),
  "a generator of its own": () =>
    foreign().gen(function* () {
      yield* Effect.void
      return yield* Effect.succeed(1)
    }),
  "a fiber that is forked": () => Effect.forkChild(foreign().yieldNow),
  "one of several at once": () => Effect.all([Effect.void, foreign().sync(Object)], { concurrency: 2 }),
  "what it waits with": () => foreign().callback(() => undefined),
  "a finaliser": () => Effect.ensuring(Effect.void, foreign().sync(Object)),
  "a Ref of its own": () => otherRef?.make(0) ?? Effect.void
}

describe.skipIf(!here)("another copy of Effect (skipped where effect is not installed as files)", () => {
  it("is another", () => {
    assert.notStrictEqual(foreign().sync, Effect.sync)
  })

  it.effect.each(Object.keys(programs))("ForeignEffect: %s", (name) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(programs[name]?.() ?? Effect.void))
      assert.instanceOf(error, Explore.ForeignEffect)
      assert.include(error.advice, "one copy of effect")
    })
  )

  it.effect("does not change what is said of a program without it", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(Effect.flatMap(Ref.make(0), Ref.get))
      assert.strictEqual(verdict._tag, "Verified")
    })
  )
})
