/** The tree that a search goes through: its choices, its events, its bounds. Inside the package only. */

/** What one step did. */
export interface Event {
  readonly process: number
  readonly slot: number
  /** How many steps its process has taken, this one included. */
  readonly nth: number
  /** Cell times 8 plus mode. */
  readonly accesses: ReadonlyArray<number>
  /** The answers that it was given, in their order. */
  readonly answers: ReadonlyArray<number>
  /** Where in it which others went on at once. */
  readonly atOnce: ReadonlyArray<number>
  /** By the slot of a process: how many of its steps happened before the end of this one. */
  readonly clock: ReadonlyArray<number>
  /** The slots of those who went on within it. */
  readonly guests: ReadonlyArray<number>
  readonly node: Choice
  /** The sum of the hashes of the events up to this one: the same for every order of one trace. */
  readonly trace: number
}

/** One way a step may go: the answers that it is given, and what it then touches. */
export interface Variant {
  readonly answers: string
  /** Whether somebody went on at once. */
  readonly isHasty: boolean
  readonly accesses: ReadonlyArray<number>
}

/** Processes, and the ways in which their next steps go. */
export type Asleep = ReadonlyMap<number, ReadonlyArray<Variant>>

export const noneAsleep: Asleep = new Map()

/** A step that was asleep, as it would have been had the one at `index` not come first. */
export interface Ghost {
  readonly process: number
  readonly accesses: ReadonlyArray<number>
  readonly index: number
}

/** A point where the search chose which process goes on. */
export interface Choice {
  readonly kind: "process"
  process: number
  readonly enabled: ReadonlyArray<number>
  readonly backtrack: Array<number>
  /** Processes whose next step need not be run first here, and all the ways that it goes. */
  sleep: Asleep
  /** Processes of whose next step some ways need not be run here. */
  readonly drowsy: Asleep
  /** Sleeping steps that the chosen one woke, as they would have been. */
  woken: Array<Ghost>
  /** The ways in which the chosen step has gone here. */
  variants: Array<Variant>
  /** Whether any step was taken here that was news. */
  isOpen: boolean
  /** Which process the step before was of, and how many preemptions there are before and after this choice. */
  readonly before: number
  readonly spent: number
  preemptions: number
  event: Event | undefined
}

/** A point where the search chose for the program. */
export interface Answer {
  readonly kind: "answer"
  readonly label: string
  readonly options: ReadonlyArray<string>
  readonly cost: "nothing" | "fault" | "interruption"
  /** How many of the options may be taken within the bounds. */
  readonly count: number
  option: number
}

/** A point where the search chose whether a process goes on within the step of another. */
export interface AtOnce {
  readonly kind: "at once"
  /** How many times in the run somebody might have: the same in a run of which nothing is known yet. */
  readonly nth: number
  readonly process: number
  /** What the step touches from there on where he does not. */
  readonly rest: Set<number>
  taken: boolean
}

export type Node = Choice | Answer | AtOnce

/** Which of the processes that may go on is tried first. */
export type Order = "default" | "reversed" | number

export interface Bounds {
  readonly faults: number
  readonly interruptions: number
  readonly stepsPerFiber: number
  /** Infinity explores without this bound; what it cuts makes the search incomplete. */
  readonly preemptions: number
  readonly totalSteps: number
}

/**
 * Which schedules: every one that some scheduler may take, unless told. `default-scheduler` is what Effect's own may do:
 * its tasks in their order, those that it runs at once within them; what is left open are timers, each at any moment,
 * interruptions and choices. Run without reduction; for a program whose every schedule is too much.
 */
export type Profile = "default-scheduler"

export const unbounded: Bounds = {
  faults: Number.POSITIVE_INFINITY,
  interruptions: Number.POSITIVE_INFINITY,
  stepsPerFiber: Number.POSITIVE_INFINITY,
  preemptions: Number.POSITIVE_INFINITY,
  totalSteps: 100_000
}

export type Ending =
  /** Nothing may go on. */
  | "ended"
  /** All that may go on is asleep: this run is another's equivalent. */
  | "blocked"
  /** A bound of the claim ended it. */
  | "pruned"
  /** A bound of the budget ended it. */
  | "cut"
  /** It cannot be trusted: see the machine's trouble. */
  | "trouble"
  /** A replayed step did something else than before. */
  | "diverged"

export const mix = (a: number, b: number): number => {
  let x = Math.imul(a ^ b, 0x9e3779b1)
  x ^= x >>> 15
  x = Math.imul(x, 0x85ebca6b)
  return (x ^ (x >>> 13)) >>> 0
}

export const generator = (seed: number): ((n: number) => number) => {
  let x = (seed + 1) * 0x9e3779b1
  return (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) | 0
    return Math.floor(((x >>> 0) / 0x1_0000_0000) * n)
  }
}

/** Shared by all steps that were given no answer. */
export const none: ReadonlyArray<number> = []

export interface Options {
  readonly bounds: Bounds
  /** Without reduction every order is run. */
  readonly reduce: boolean
  readonly order: Order
}

/** Makes the choices of one run in place of the search. */
export interface Script {
  process(enabled: ReadonlyArray<number>, before: number, step: number): number
  answer(label: string, options: ReadonlyArray<string>): number
  /** Whether somebody goes on at once, the `nth` time in the run that he might, at this place in the step. */
  atOnce(nth: number, place: number): boolean
}

export const choice = (
  process: number,
  enabled: ReadonlyArray<number>,
  backtrack: Array<number>,
  sleep: Asleep,
  drowsy: Asleep,
  before: number,
  spent: number
): Choice => {
  const made: Choice = {
    kind: "process",
    process,
    enabled,
    backtrack,
    sleep,
    drowsy,
    woken: [],
    variants: [],
    isOpen: false,
    before,
    spent,
    preemptions: spent,
    event: undefined
  }
  if (preempts(made, process)) made.preemptions++
  return made
}

export const preempts = ({ before, enabled }: Choice, process: number): boolean =>
  before >= 0 && before !== process && enabled.includes(before)

export const join = (clock: Array<number>, other: ReadonlyArray<number>): void => {
  for (let i = 0; i < other.length; i++) {
    const n = other[i] ?? 0
    if (n > (clock[i] ?? 0)) clock[i] = n
  }
}
