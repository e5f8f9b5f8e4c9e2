/**
 * The error atlas: what each error of the protocol means at each of its steps, read off an execution that ends with it.
 *
 * Cause and advice are the error's own; what is released and what stays usable is what the call log of the replayed
 * execution shows. Nothing of that is written by hand.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Event } from "../../CallLog.ts"
import * as EntryId from "../../EntryId.ts"
import * as Explore from "../../explore.ts"
import type { MapiError, Step } from "../../MapiError.ts"
import type { Judged } from "../../Rehearsal.ts"
import * as Scode from "../../Scode.ts"
import { readable } from "./calls.ts"
import { type Heard, otherDll } from "./playing.ts"
import { about, programs } from "./programs.ts"
import { tokens } from "./tokens.ts"
import * as Witnesses from "./witnesses.ts"

/** One error at one step. */
export interface Entry {
  readonly error: string
  readonly step: Step
  readonly scode: number
  readonly scodeName: string
  /** The answers that are not the usual ones, and whether the order of steps is the usual one. */
  readonly when: ReadonlyArray<string>
  readonly cause: string
  /** Does the client meet it? What fails in steps 8 and 9 is the spooler's alone. */
  readonly reachesClient: boolean
  /** The objects whose last reference was given back, by kind. */
  readonly released: ReadonlyArray<string>
  /** How what came after it ended, `S_OK` or the tag of an error; null where the program tried no such thing. */
  readonly after: {
    /** Calls of stores that were open before. */
    readonly openStores: string | null
    /** Another open at that provider. */
    readonly provider: string | null
    /** An open at another provider of the session. */
    readonly session: string | null
  }
  readonly advice: string
  /** Replays the execution that all of this was read off. */
  readonly token: string
}

const isOpen = ({ call }: Event): boolean => call === "IMAPISession::OpenMsgStore"
const isReturn = ({ phase }: Event): boolean => phase === "return"
const isClients = ({ from, within }: Event): boolean => from === "client" && within === null
const resultOf = ({ error, result }: Event): string => error ?? result ?? "S_OK"

/** The return by which an error came out. A SpoolerLogon that MAPI spares the provider is told by the id's withdrawal. */
const failureIn = (calls: ReadonlyArray<Event>, { step, tag }: Witnesses.Met): Event | undefined => {
  const returns = calls.filter(isReturn)
  if (step < 8) return returns.find((event) => isOpen(event) && event.error === tag)
  return (
    returns.find(({ call }) => call === "IMSProvider::SpoolerLogon") ??
    returns.find(({ call }) => call === "withdraw entry id")
  )
}

const dllOf = ({ entryId }: Event): string | null => {
  const unwrapped = Result.flatMap(EntryId.fromHex(entryId ?? ""), EntryId.unwrap)
  return Result.isSuccess(unwrapped) ? unwrapped.success.dllFileName : null
}

const oneOf = (results: ReadonlyArray<string>): string | null => {
  const each = Array.from(new Set(results))
  return each.length === 0 ? null : each.join(", ")
}

const gone = (events: ReadonlyArray<Event>): ReadonlyArray<string> =>
  events.flatMap(({ refs }) => refs.filter(({ total }) => total === 0).map(({ object }) => object))

/**
 * What was made for the call that failed, and is gone before the session is ended for its own sake. Of a spooler's step:
 * what is gone before the client goes on.
 */
const releasedBy = (calls: ReadonlyArray<Event>, failure: Event): ReadonlyArray<string> => {
  const from = calls.findIndex(({ callId }) => callId === failure.callId)
  const until = calls.indexOf(failure)
  const after = (is: (event: Event) => boolean) => {
    const at = calls.findIndex((event, n) => n > until && is(event))
    return calls.slice(from, at < 0 ? undefined : at)
  }
  const found = isOpen(failure)
    ? gone(after(({ call, phase }) => call === "IMAPISession::Logoff" && phase === "call")).filter((object) =>
        calls
          .slice(from, until)
          .some(({ call, refs }) => call.startsWith("new ") && refs.some((ref) => ref.object === object))
      )
    : gone(after(isClients))
  return Array.from(new Set(found.map((object) => object.replace(/#\d+$/, ""))))
}

/** What a call log shows of a failure, and of what came after it. */
const shown = (calls: ReadonlyArray<Event>, failure: Event | undefined) => {
  if (failure === undefined) return { released: [], provider: null, session: null }
  const opens = calls.slice(calls.indexOf(failure) + 1).filter((event) => isOpen(event) && isReturn(event))
  const isOther = (event: Event) => dllOf(event) === otherDll
  const again = opens.filter((event) => !isOther(event)).map(resultOf)
  return {
    released: releasedBy(calls, failure),
    provider: again[0] ?? (isOpen(failure) ? resultOf(failure) : null),
    session: oneOf(opens.filter(isOther).map(resultOf))
  }
}

const order = "steps in another order than the usual one"

/** The choices in words; of the order of steps only that it is another. */
const whenOf = (choices: ReadonlyArray<string>): ReadonlyArray<string> => {
  const said = choices.map((choice) => choice.replace(/^step \d+: /, ""))
  const answers = said.filter((choice) => !/ goes on, not /.test(choice))
  return answers.length === said.length ? answers : [...answers, order]
}

const endOf = (exit: Heard["used"][number]): string =>
  Exit.isSuccess(exit)
    ? "S_OK"
    : Option.match(Cause.findErrorOption(exit.cause), { onNone: () => "a defect", onSome: ({ _tag }) => _tag })

type Replay = Explore.Replay<Judged<Heard, never>, never>

const entryOf = (met: Witnesses.Met, error: MapiError, token: string, replay: Replay): Entry => {
  const { choices, events } = replay.execution
  const { calls, said } = readable(events)
  const { provider, released, session } = shown(calls, failureIn(calls, met))
  const used = Witnesses.heardOf(replay.exit)?.used ?? []
  return {
    error: met.tag,
    step: met.step,
    scode: error.scode,
    scodeName: Scode.show(error.scode),
    when: [about[met.program], ...whenOf(choices)],
    cause: said(error.detail),
    reachesClient: met.step < 8,
    released,
    after: { openStores: oneOf(used.map(endOf)), provider, session },
    advice: error.advice,
    token
  }
}

/** What a token no longer shows: the program has changed since, and the tokens are to be found again. */
export interface Stale {
  readonly name: string
  readonly why: string
}

/** Replays every token. What does not show its error any more is told apart. */
export const make = Effect.fn("Atlas.make")(function* (
  known: Readonly<Record<string, string>> = tokens
): Effect.fn.Return<
  { readonly entries: ReadonlyArray<Entry>; readonly stale: ReadonlyArray<Stale> },
  Explore.ExploreError | Explore.BadToken
> {
  const entries: Array<Entry> = []
  const stale: Array<Stale> = []
  for (const met of Witnesses.all) {
    const name = Witnesses.nameOf(met)
    const token = known[name]
    if (token === undefined) {
      stale.push({ name, why: "it has no token" })
      continue
    }
    const replay = yield* Explore.replay(programs[met.program], token)
    const error = Witnesses.errorIn(replay.exit, met)
    if (error === undefined) stale.push({ name, why: "its token ends otherwise" })
    else if (replay.changed) stale.push({ name, why: "its program has changed" })
    if (error !== undefined) entries.push(entryOf(met, error, `${met.program}.${token}`, replay))
  }
  return {
    entries: entries.sort((a, b) => (a.error === b.error ? a.step - b.step : a.error < b.error ? -1 : 1)),
    stale
  }
})
