/** What a check is asked, what it shows to a law, and what it says. */
import * as Data from "effect/Data"
import type * as Exit from "effect/Exit"
import type { Counterexample } from "./counterexample.ts"
import type { Mode } from "./service.ts"
import type { Profile } from "./tree.ts"

/** One recorded event, as its subject sees it. */
export interface Observation {
  readonly mode: Mode
  readonly value: unknown
  /** Who recorded it, by its path: `main`, `main.2`. */
  readonly fiber: string
}

/**
 * One execution, as a law sees it. Only events of one subject have an order, and two `uses` of it have none: there is
 * no log of all of them, since one order of independent steps stands for all.
 */
export interface Execution<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly bySubject: ReadonlyMap<string, ReadonlyArray<Observation>>
}

/** True where it holds; false, or a sentence that says why, where it does not. */
export type Law<A, E> = (execution: Execution<A, E>) => boolean | string

/** Where the automaton of a subject stands: a value. */
export interface Position {
  /** Of one subject, two that stand at the same place have the same key, and answer the same to the same event. */
  readonly key: string
  /** Where it stands after a change, or a sentence that says why that breaks the law. */
  readonly change: (event: unknown, role: string) => Position | string
  /** Whether a use is right where it stands. */
  readonly use: (event: unknown) => true | string
  /** Whether the log may end here. */
  readonly end: () => true | string
}

/** The events of one subject, by their places in the log, and the automata that they move. */
export interface Sequence {
  readonly subject: string
  /** `role` is what else the automata are to know of an event. */
  readonly parts: ReadonlyArray<{ readonly at: number; readonly mode: Mode; readonly role: string }>
  /** Where they stand before the first of them; the same for the same subject and parts. */
  readonly start: () => ReadonlyArray<Position>
}

/**
 * A law of the log that an execution tells by `tell`. One execution stands for many logs: its steps could have come in
 * every order that its happens-before allows. The law is about subjects, each for itself, and is asked about every order of
 * the events of each; which events are whose must not depend on that order.
 */
export interface LogLaw {
  /** The subjects of a log: each with all of its events. */
  readonly sequences: (log: ReadonlyArray<unknown>) => ReadonlyArray<Sequence>
  /** What the law sees of an event: two of the same text are the same to it. */
  readonly same: (event: unknown) => string
  /** What of it no order changes, for the check to compare: what the law sees, unless told. */
  readonly fixed?: (event: unknown) => string
}

/** The bounds of the claim: `Verified` is said within these. */
export interface Within {
  readonly faults?: number
  readonly interruptions?: number
  readonly stepsPerFiber?: number
}

/** How much may be spent. Running out is `Inconclusive`. */
export interface Budget {
  readonly executions?: number
  /** Milliseconds, by the clock of whoever runs the check. */
  readonly time?: number
  /** Only schedules with no more preemptions are run; without sleep sets, since those would miss some. */
  readonly preemptions?: number
  /** Steps of any one execution. 100,000 unless told. */
  readonly totalSteps?: number
}

/** How far a search has come. */
export interface Progress {
  readonly executions: number
  /** Executions a second. */
  readonly rate: number
  readonly depth: number
  /** How much of the tree lies behind, from 0 to 1: an estimate that may go back. */
  readonly done: number
}

/** How far a search has come, on one line: `onProgress: (it) => stderr.write("\r" + Explore.progressLine(it))`. */
export const progressLine = ({ depth, done, executions, rate }: Progress): string =>
  `${executions} executions, ${Math.round(rate)} a second, up to ${depth} steps, ${(done * 100).toFixed(1)} % of the tree`

export interface Options<A, E> {
  readonly profile?: Profile
  /** What must hold in every execution. */
  readonly always?: Readonly<Record<string, Law<A, E>>>
  /** What must hold of the log of every execution, in every order that it may have. */
  readonly everyOrder?: Readonly<Record<string, LogLaw>>
  /** What must hold in at least one: proof that the search is not empty. */
  readonly sometimes?: Readonly<Record<string, Law<A, E>>>
  readonly within?: Within
  readonly budget?: Budget
  /** Called now and then; changes nothing. */
  readonly onProgress?: (progress: Progress) => void
}

/** Every schedule and answer within the bounds was covered, and all laws held. */
export class Verified extends Data.TaggedClass("Verified")<{
  readonly within: Within
  /** Part of the claim, where not every schedule was run. */
  readonly profile?: Profile
  readonly executions: number
  /** Runs that ended early: another's equivalent, or outside the bounds. */
  readonly pruned: number
}> {}

/** What of the budget ran out before the search came to its end. */
export type StoppedBy = "executions" | "time" | "preemptions" | "totalSteps"

/** A law does not hold; a program that can never go on breaks the law `deadlock`. */
export class Falsified extends Data.TaggedClass("Falsified")<{
  readonly counterexample: Counterexample
  readonly executions: number
  readonly pruned: number
  /** How many executions failed. */
  readonly failing: number
  /** What stopped the search, where it was not complete: a smaller counterexample may lie beyond. */
  readonly stoppedBy?: StoppedBy
}> {}

/** No failure was found, and not everything was covered. */
export class Inconclusive extends Data.TaggedClass("Inconclusive")<{
  /** How much of the tree was covered, from 0 to 1: an estimate. */
  readonly covered: number
  readonly stoppedBy: StoppedBy
  readonly executions: number
  readonly pruned: number
}> {}

export type Verdict = Verified | Falsified | Inconclusive
