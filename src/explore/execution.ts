/** What an execution asks of its search, records, and may be refused for. Inside the package only. */

import type { Process } from "./process.ts"

/** Why an execution cannot be trusted, as the machine met it. */
export interface Trouble {
  readonly kind: "Untracked" | "ForeignEffect" | "Escaped"
  readonly subject: string
  readonly detail: string
  readonly advice: string
}

/** An event that the program recorded. */
export interface Observed {
  readonly step: number
  readonly process: number
  /** Undefined where it is only told: its place in the log orders nothing. */
  readonly subjects: ReadonlyArray<{ readonly subject: string; readonly mode: "uses" | "changes" }> | undefined
  readonly value: unknown
}

/** What the machine asks of the search. */
export interface Chooser {
  /** Which of the options, by its place; `cost` says what taking any but the first uses up. */
  choose(label: string, options: ReadonlyArray<string>, cost: "nothing" | "fault" | "interruption"): number
  /** Whether the one that is woken goes on at once, within the step of the one that wakes it. */
  atOnce(by: Process, woken: Process): boolean
  /** It has ended, and might have been interrupted before. */
  tooLate(process: Process): void
  /** By process: how many of its steps happen before the end of the one that this process takes now, as far as it goes. */
  clock(now: Process): ReadonlyArray<number>
}

/** What was made outside the execution, or in an earlier one, and is written in this. */
export const stale = (kind: string): Trouble => ({
  kind: "Untracked",
  subject: kind,
  detail: "it was made outside this execution, and is written in it",
  advice: `Make the ${kind} inside the program, so that every execution starts with one of its own.`
})

/** Fibers that are waited for, listed by something that changes meanwhile. */
export const openList: Trouble = {
  kind: "Untracked",
  subject: "Fiber.awaitAll",
  detail: "the fibers that it waits for are listed by something that is shared itself",
  advice: "Give it an array of fibers."
}

/** A fiber that goes on under a scheduler of its own, out of the explorer's reach. */
export const ranOutside = {
  detail: "it runs an effect that does not end at once: Effect.runFork, or another of that kind",
  advice: "Fork it within the program: Effect.forkChild, Effect.forkIn, Effect.forkDetach."
} as const

/** What a fiber's observer or a callback throws: Effect has nobody catch it, but for whoever woke that fiber. */
export const thrownToNobody = (subject: string, thrown: unknown): Trouble => ({
  kind: "Escaped",
  subject,
  detail: `it threw ${String(thrown)} outside of any effect, in an observer or a callback`,
  advice: "Catch it where it is thrown: no effect of the program can."
})

/** A fiber that no execution runs. */
export const ofAnother: Trouble = {
  kind: "Untracked",
  subject: "Explore.interruptAnywhere",
  detail: "the fiber that it is to interrupt was started outside the program",
  advice: ranOutside.advice
}

/** A check within a program that is being checked. */
export const nested: Trouble = {
  kind: "Untracked",
  subject: "Explore.check",
  detail: "it is run by a program that is being explored itself",
  advice: "Run one check after the other, or let one program be all of both."
}
