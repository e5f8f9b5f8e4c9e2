/**
 * What `explore` tells of a search, or of one execution: in words, and as one JSON document. Nothing here prints.
 *
 * The laws are judged while a program runs, on names that only the explorer reads well; here objects are numbered in the
 * order that they appear, and a broken law is told with its sentence.
 */
import type * as CallLog from "../CallLog.ts"
import * as Sequence from "../diagram/Sequence.ts"
import * as Table from "../diagram/Table.ts"
import type * as Explore from "../explore.ts"
import * as Laws from "../Laws.ts"
import * as Rehearsal from "../Rehearsal.ts"
import { readable } from "./atlas/calls.ts"

/** A law that does not hold in an execution. */
export interface Broken {
  readonly name: string
  readonly sentence: string
  readonly source: string
  /** What it is broken on. */
  readonly subjects: ReadonlyArray<string>
}

/** One execution, in readable names. */
export interface Told {
  readonly choices: ReadonlyArray<string>
  readonly calls: ReadonlyArray<CallLog.Event>
  readonly broken: ReadonlyArray<Broken>
  /** Why it fails, where that is no law of the protocol: it can never go on, or ends with what nothing declares. */
  readonly otherwise: string | null
  readonly token: string
}

const brokenIn = (reason: string): ReadonlyArray<Broken> => {
  const breaches = reason.split(", ")
  return Laws.all.flatMap(({ name, sentence, source }) => {
    const of = `${name} of `
    const subjects = breaches.filter((breach) => breach.startsWith(of)).map((breach) => breach.slice(of.length))
    return subjects.length === 0 ? [] : [{ name, sentence, source, subjects }]
  })
}

/** Why a counterexample is one: each law that its log breaks, where it breaks laws. */
export const reasonOf = ({ events, reason }: Explore.Counterexample): string =>
  Rehearsal.brokenIn(Rehearsal.logOf(events.map(({ value }) => value))).join(", ") || reason

/** Tells an execution; `reason` is why it fails, and nothing where it does not. */
export const tell = (
  { choices, events, token }: Omit<Explore.Counterexample, "law" | "reason">,
  reason: string,
  program: string
): Told => {
  const { calls, said } = readable(events)
  const broken = brokenIn(said(reason))
  return {
    choices: choices.map(said),
    calls,
    broken,
    otherwise: broken.length > 0 || reason === "" ? null : said(reason),
    token: `${program}.${token}`
  }
}

// --- in words -------------------------------------------------------------------------------------------------------

const row = (name: string, text: string): ReadonlyArray<string> =>
  Table.wrap(text, 88).map((line, n) => `  ${(n === 0 ? name : "").padEnd(10)}${line}`)

const sayBroken = ({ broken, otherwise }: Told, paint: Table.Paint): ReadonlyArray<string> => [
  ...broken.flatMap(({ name, sentence, source, subjects }) => [
    paint.failure(`${name} is broken`),
    ...row("law", sentence),
    ...row("source", source),
    ...row("subject", subjects.join(", ")),
    ""
  ]),
  ...(otherwise === null
    ? []
    : [paint.failure("It can never go on, or ends as it must not"), ...row("why", otherwise), ""])
]

/** An execution: what is broken in it, how it came about, each call, and how to see it again. */
export const sayTold = (told: Told, paint: Table.Paint): string =>
  [
    ...sayBroken(told, paint),
    told.choices.length === 0 ? "Nothing was chosen otherwise than usual." : "Chosen otherwise than usual:",
    ...told.choices.map((choice) => `  ${Table.printable(choice)}`),
    "",
    Table.table(told.calls, paint),
    "",
    "To see it again:",
    `  effect-mapi explore --replay ${told.token}`
  ].join("\n")

/** An execution as a sequence diagram. */
export const draw = ({ calls }: Told): string => Sequence.mermaid(calls)

/** A search as a sequence diagram: its verdict is a comment, and there are no calls where nothing fails. */
export const drawVerdict = (sentence: string, told: Told | null): string =>
  `%% ${sentence}\n${Sequence.mermaid(told?.calls ?? [])}`

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`

const bounds = ({ faults = 0, interruptions = 0 }: Explore.Within): string =>
  `within ${count(faults, "fault")} and ${count(interruptions, "interruption")}`

/** The part of a tree that was covered: an estimate, and never all of it. */
export const percent = (covered: number): string => {
  const part = Math.min(covered * 100, 99.9)
  return part >= 0.1 ? `${part.toFixed(1)} %` : "less than 0.1 %"
}

const stopped = {
  time: "its time was up; give it more with --time",
  executions: "it had run as many as it may",
  preemptions: "some orders have more preemptions than it may look at",
  totalSteps: "some executions are longer than it may look at"
} as const

/** Among which executions a counterexample is the smallest, where the search was stopped. */
const among = {
  time: "found before its time was up",
  executions: "found before it had run as many as it may",
  preemptions: "found among orders of no more preemptions than it may look at",
  totalSteps: "found among executions that are no longer than it may look at"
} as const

/** What can be claimed, in a sentence. */
export const sayVerdict = (verdict: Explore.Verdict, within: Explore.Within): string => {
  const { executions, pruned } = verdict
  const runs = `${count(executions, "execution")}, ${pruned} pruned`
  switch (verdict._tag) {
    case "Verified":
      return `Verified: all laws hold in every execution ${bounds(within)} (${runs}).`
    case "Falsified": {
      const found = verdict.stoppedBy === undefined ? "" : ` ${among[verdict.stoppedBy]}`
      return `Falsified: ${count(verdict.failing, "execution")} of ${executions} failed ${bounds(within)}; the smallest${found}:`
    }
    default: {
      const part = percent(verdict.covered)
      return `Inconclusive: nothing failed ${bounds(within)} (${runs}), but ${stopped[verdict.stoppedBy]}. Covered: ${part}, an estimate.`
    }
  }
}

// --- as data --------------------------------------------------------------------------------------------------------

/** A search as one JSON document. */
export const document = (
  verdict: Explore.Verdict,
  within: Explore.Within,
  program: string,
  told: Told | null
): string => {
  const { _tag, executions, pruned } = verdict
  const common = { verdict: _tag, program, within, executions, pruned }
  if (verdict._tag === "Verified") return JSON.stringify(common, null, 2)
  if (verdict._tag === "Falsified") {
    const { failing, stoppedBy } = verdict // undefined, and so left out, where the search was complete
    return JSON.stringify({ ...common, failing, stoppedBy, counterexample: told }, null, 2)
  }
  return JSON.stringify({ ...common, covered: verdict.covered, stoppedBy: verdict.stoppedBy }, null, 2)
}
