/**
 * Mutants of Outlook's own files: every one ends in a store or in a typed error, and leaves nothing behind. A few hundred in
 * every run; `MUTATIONS=10000` makes more of them and tells what became of them, `MUTATIONS_SEED=7` others.
 */
import { assert, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CallLog, MapiError, MsgStore } from "../../../src/index.ts"
import { isMapiError } from "../../../src/MapiError.ts"
import * as Scode from "../../../src/Scode.ts"
import { type Kind, kinds, mutant, type Sample, seeded, spotsRead } from "./mutate.ts"
import { bytesOf, describeSamples, fileOf, inMemory, openStore, play } from "./stage.ts"

const isLong = process.env.MUTATIONS !== undefined
const count = Number(process.env.MUTATIONS ?? 350)
const seed = Number(process.env.MUTATIONS_SEED ?? 1)

const names = [
  "hiraoka-alpha-beta-gamma-delta",
  "outlook-pst-rs-Empty",
  "pstsdk-sample1",
  "pstsdk-test_ansi",
  "pstsdk-test_unicode"
]

/** Everything that there is to read, bodies included. How many messages there were. */
const readAll = (store: MsgStore.MsgStore): Effect.Effect<number, MapiError.ObjectError> => {
  const read = (folder: MsgStore.Folder): Effect.Effect<number, MapiError.ObjectError> =>
    Effect.gen(function* () {
      yield* folder.getProps(["PR_DISPLAY_NAME", "PR_CONTENT_COUNT"])
      const rows = [...(yield* folder.getHierarchyTable), ...(yield* folder.getContentsTable)]
      const below = yield* Effect.forEach(rows, ({ PR_ENTRYID = new Uint8Array() }) =>
        Effect.scoped(
          Effect.flatMap(store.openEntry(PR_ENTRYID), (entry) =>
            entry._tag === "Folder"
              ? read(entry)
              : Effect.as(entry.getProps(["PR_SUBJECT", "PR_BODY", "PR_NATIVE_BODY_INFO"]), 1)
          )
        )
      )
      return below.reduce((sum, n) => sum + n, 0)
    })
  return Effect.scoped(Effect.flatMap(store.openRootFolder, read))
}

/** The calls that close: each comes after all of those before it in this list. */
const closing = [
  "IMsgStore::Release",
  "IMSLogon::Logoff",
  "IMSLogon::Release",
  "IMAPISession::Logoff",
  "IMSProvider::Shutdown",
  "IMSProvider::Release",
  "FreeLibrary"
]

/** One load, one init, one shutdown, and the order of close. */
const inOrder = (events: ReadonlyArray<CallLog.Event>): void => {
  // The spooler's own releases come in between, as they are asked for. [R7]
  const calls = events.filter(({ from, phase }) => phase === "call" && from !== "spooler").map(({ call }) => call)
  for (const once of [
    "LoadLibrary",
    "MSProviderInit",
    "IMSProvider::Shutdown",
    "IMSProvider::Release",
    "FreeLibrary"
  ]) {
    assert.lengthOf(
      calls.filter((call) => call === once),
      1,
      once
    )
  }
  const seen = calls.filter((call) => closing.includes(call))
  assert.deepStrictEqual(
    seen,
    seen.toSorted((one, other) => closing.indexOf(one) - closing.indexOf(other))
  )
  assert.strictEqual(calls.at(-1), "FreeLibrary")
}

/** What became of a mutant: "read", or the code of the error and where it was met. */
const fate = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.gen(function* () {
    const pst = inMemory(fileOf(bytes))
    const { events, value } = yield* play(pst, (session) =>
      Effect.exit(Effect.flatMap(openStore(pst, "a.pst", "test")(session), readAll))
    )
    inOrder(events)
    if (Exit.isSuccess(value)) return "read"
    const error = Cause.squash(value.cause)
    if (Cause.hasDies(value.cause) || !isMapiError(error)) throw new Error(Cause.pretty(value.cause))
    assert.notStrictEqual(error.detail, "")
    assert.strictEqual(error.subject, "a.pst")
    return `${Scode.show(error.scode)} at ${error.step === null ? "reading" : "logon"}`
  })

describeSamples("mutants", () => {
  it.live(
    `${count} of them end in a store or in a typed error, and leave nothing behind`,
    () =>
      Effect.gen(function* () {
        const samples: ReadonlyArray<Sample> = yield* Effect.forEach(names, (name) =>
          Effect.gen(function* () {
            const sound = bytesOf(name)
            const spots = yield* spotsRead(sound, (file) => {
              const pst = inMemory(file)
              return play(pst, (session) => Effect.flatMap(openStore(pst, "a.pst", "test")(session), readAll))
            })
            return { name, sound, spots }
          })
        )
        const next = seeded(seed)
        const tally = new Map<Kind, Map<string, number>>()
        const began = performance.now()
        let slowest = 0
        for (let n = 0; n < count; n++) {
          const kind = kinds[n % kinds.length] ?? "flip"
          const sample = samples[next(samples.length)]
          assert(sample !== undefined)
          const start = performance.now()
          const end = yield* Effect.catchCause(fate(mutant(sample, samples, kind, next)), (cause) =>
            Effect.die(new Error(`mutant ${n} (${kind}, ${sample.name}): ${Cause.pretty(cause)}`))
          )
          slowest = Math.max(slowest, performance.now() - start)
          const ends = tally.get(kind) ?? new Map<string, number>()
          tally.set(kind, ends.set(end, (ends.get(end) ?? 0) + 1))
        }
        const took = `${((performance.now() - began) / 1000).toFixed(1)} s, none longer than ${slowest.toFixed(0)} ms`
        const lines = [...tally].map(([kind, ends]) => `${kind}: ${JSON.stringify(Object.fromEntries(ends))}`)
        if (isLong) console.log([`${count} mutants (seed ${seed}) in ${took}`, ...lines].join("\n  "))
        const all = [...tally.values()].flatMap((ends) => [...ends.keys()])
        assert.include(all, "read", "some are none the worse")
        assert.include(all, "MAPI_E_CORRUPT_STORE at logon")
        assert.include(all, "MAPI_E_CORRUPT_STORE at reading")
      }),
    { timeout: 60_000 + 100 * count }
  )
})
