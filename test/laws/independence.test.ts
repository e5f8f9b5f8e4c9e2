/** Two events that change nothing of each other's may come in either order: no verdict differs. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type CallLog, type InMemory, MapiError } from "../../src/index.ts"
import { all } from "../../src/Laws.ts"
import * as Judge from "../../src/laws/Judge.ts"
import * as Subjects from "../../src/laws/Subjects.ts"
import { play, type Setting } from "../support/scene.ts"

type Events = ReadonlyArray<CallLog.Event>

/** Three clients, two stores, the spooler; one client gives up, one fails, and one holds its store until the session ends. */
const crowd = (setting: Setting): Effect.Effect<Events> =>
  play({ stores: [{ name: "Inbox" }, { name: "Archive" }], ...setting }, ({ open, session }) =>
    Effect.gen(function* () {
      const visit = (name: string, flags: ReadonlyArray<"MDB_NO_MAIL"> = []) =>
        Effect.scoped(
          Effect.gen(function* () {
            const store = yield* open(name, { flags })
            yield* store.getProps(["PR_DISPLAY_NAME"])
            yield* store.openRootFolder
          })
        ).pipe(Effect.exit)
      yield* Effect.forkScoped(open("Inbox"))
      yield* Effect.all([visit("Inbox", ["MDB_NO_MAIL"]), visit("Archive"), visit("Inbox")], { concurrency: 3 })
      yield* visit("Archive")
      yield* session.spoolerIdle
    })
  ).pipe(Effect.map(({ events }) => events))

const answering = (logon: NonNullable<InMemory.Script["logon"]>): Setting => ({ script: { logon } })
const logs = await Effect.runPromise(
  Effect.all([
    crowd({}),
    crowd(answering((_, answer) => Effect.andThen(Effect.yieldNow, answer))),
    crowd(answering(() => Effect.fail(new MapiError.FailOneProvider({ subject: "Inbox", detail: "wrong password" })))),
    crowd(answering(() => Effect.fail(new MapiError.LogonFailed({ subject: "Inbox", detail: "no" }))))
  ])
)

/** What is said of each law, and of which subjects it is broken. */
const verdicts = (events: Events) => {
  const judge = Judge.make(all, { sees: ["*"] })
  const broken = [...events.flatMap(judge.see), ...judge.end()]
  return {
    said: judge.verdicts().map(({ _tag, law }) => `${law.name} ${_tag}`),
    broken: broken.map(({ law, subject }) => `${law.name} ${subject}`).toSorted()
  }
}

const accessesOf = (events: Events) => {
  const read = Subjects.reading()
  return events.map((event) => Subjects.orderedBy(read.tell(event), event))
}

type Access = Pick<Subjects.Access, "subject" | "mode">

const areIndependent = (one: ReadonlyArray<Access>, other: ReadonlyArray<Access>): boolean =>
  !one.some((mine) =>
    other.some((its) => its.subject === mine.subject && (its.mode === "changes" || mine.mode === "changes"))
  )

const modes = (accesses: ReadonlyArray<Access> | undefined) =>
  accesses?.map(({ mode, subject }) => `${mode} ${subject}`).toSorted()

/** Exchanges the two events from `at` on that first turn out to be independent neighbours. */
const swapped = (events: Events, from: number): Events | null => {
  const accesses = accessesOf(events)
  for (let n = 0; n < events.length - 1; n++) {
    const at = (from + n) % (events.length - 1)
    if (!areIndependent(accesses[at] ?? [], accesses[at + 1] ?? [])) continue
    const next = events.toSpliced(at, 2, ...events.slice(at, at + 2).toReversed())
    const after = accessesOf(next)
    assert.deepStrictEqual([modes(after[at]), modes(after[at + 1])], [modes(accesses[at + 1]), modes(accesses[at])])
    return next
  }
  return null
}

const Place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))
const Mutation = Schema.Struct({ how: Schema.Literals(["drop", "double", "move"]), at: Place, to: Place })

/** Drops a call, tells it twice, or tells it elsewhere: both halves, or what is there of them. */
const mutated = (events: Events, { at, how, to }: typeof Mutation.Type): Events => {
  const callId = events[at % events.length]?.callId
  const halves = events.filter((event) => event.callId === callId)
  if (how === "double") return events.toSpliced(to % events.length, 0, ...halves)
  const without = events.filter((event) => event.callId !== callId)
  return how === "drop" ? without : without.toSpliced(to % (without.length + 1), 0, ...halves)
}

describe("independent neighbours", () => {
  const Log = Schema.Literals([0, 1, 2, 3])
  const Mutations = Schema.Array(Mutation).check(Schema.isMaxLength(3))
  const Swaps = Schema.Array(Place).check(Schema.isMinLength(1), Schema.isMaxLength(40))

  it.prop(
    "change places, and no verdict differs; of a log that holds, or of one that somebody has changed",
    [Log, Mutations, Swaps],
    ([n, mutations, swaps]) => {
      const log = mutations.reduce(mutated, logs[n] ?? [])
      const said = verdicts(log)
      let other = log
      for (const at of swaps) other = swapped(other, at) ?? other
      assert.deepStrictEqual(verdicts(other), said)
    }
  )

  it("are many, and a changed log does break laws: the property is about something", () => {
    const accesses = logs.map(accessesOf)
    const pairs = accesses.flatMap((all) => all.filter((one, at) => areIndependent(one, all[at + 1] ?? one)))
    assert.isAbove(pairs.length, 20)
    const broken = (logs[0] ?? []).filter((_, at) => {
      const log = mutated(logs[0] ?? [], { how: "double", at, to: 0 })
      return verdicts(log).broken.length > 0
    })
    assert.isAbove(broken.length, 20)
  })
})
