/** Logs of a crowd: three clients, two stores, the spooler; and what somebody may have made of them. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type CallLog, type InMemory, MapiError } from "../../src/index.ts"
import { all } from "../../src/Laws.ts"
import * as Judge from "../../src/laws/Judge.ts"
import { play, type Setting } from "../support/scene.ts"

export type Events = ReadonlyArray<CallLog.Event>

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
export const logs = await Effect.runPromise(
  Effect.all([
    crowd({}),
    crowd(answering((_, answer) => Effect.andThen(Effect.yieldNow, answer))),
    crowd(answering(() => Effect.fail(new MapiError.FailOneProvider({ subject: "Inbox", detail: "wrong password" })))),
    crowd(answering(() => Effect.fail(new MapiError.LogonFailed({ subject: "Inbox", detail: "no" }))))
  ])
)

/** What is said of each law, and of which subjects it is broken. */
export const verdicts = (events: Events) => {
  const judge = Judge.make(all, { sees: ["*"] })
  const broken = [...events.flatMap(judge.see), ...judge.end()]
  return {
    said: judge.verdicts().map(({ _tag, law }) => `${law.name} ${_tag}`),
    broken: broken.map(({ law, subject }) => `${law.name} ${subject}`).toSorted()
  }
}

export const Place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))
export const Mutation = Schema.Struct({ how: Schema.Literals(["drop", "double", "move"]), at: Place, to: Place })

/** Drops a call, tells it twice, or tells it elsewhere: both halves, or what is there of them. */
export const mutated = (events: Events, { at, how, to }: typeof Mutation.Type): Events => {
  const callId = events[at % events.length]?.callId
  const halves = events.filter((event) => event.callId === callId)
  if (how === "double") return events.toSpliced(to % events.length, 0, ...halves)
  const without = events.filter((event) => event.callId !== callId)
  return how === "drop" ? without : without.toSpliced(to % (without.length + 1), 0, ...halves)
}
