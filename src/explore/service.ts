/**
 * What an explored program may ask of its explorer: choices, interruptions, and to be observed.
 *
 * Whoever calls these needs the `Explore` service, which only a check provides: a program that chooses cannot be run by
 * mistake. It holds no state; the machine of the running execution does.
 */
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** How an event uses a subject: two uses commute, a change commutes with nothing of that subject. */
export type Mode = "uses" | "changes"

/** One subject of an event: whatever two events must share for their order to be looked at. */
export interface Subject {
  readonly subject: string
  readonly mode: Mode
}

/** Records and names from code that is no Effect, within a step of the program. Records nothing outside an execution. */
export interface Recorder {
  /** One event, under each of its subjects. It is an access of the step that records it. */
  readonly record: (subjects: ReadonlyArray<Subject>, event: unknown) => void
  /** One event of the log, as `everyOrder` sees it: in every order that the execution allows, whose number stays the same. */
  readonly tell: (event: unknown) => void
  /**
   * A name for what is born now, such as `Store#main.2:1`: by the path of the fiber that makes it and its count, so that
   * it is the same in every execution in which that fiber did the same. Outside an execution it is unique, no more.
   */
  readonly name: (kind: string) => string
}

/** The explorer, as an explored program sees it. */
export class Explore extends Context.Service<
  Explore,
  {
    readonly choose: (label: string, options: ReadonlyArray<string>, cost: "nothing" | "fault") => number
    readonly interruptLater: (fiber: Fiber.Fiber<unknown, unknown>) => void
    readonly whenQuiet: (resume: () => void) => void
    readonly recorder: Recorder
  }
>()("effect-mapi/explore/service/Explore") {}

const told = (option: unknown): string => {
  if (typeof option === "string") return option
  if (typeof option === "object" && option !== null) {
    const tag: unknown = Reflect.get(option, "_tag")
    return typeof tag === "string" ? tag : (option.constructor?.name ?? "object")
  }
  return String(option)
}

const chosen = <A>(
  label: string,
  options: readonly [A, ...ReadonlyArray<A>],
  cost: "nothing" | "fault"
): Effect.Effect<A, never, Explore> => {
  const boxes = Arr.map(options, (option) => ({ option })) // an option may be undefined
  return Effect.map(
    Explore.useSync((explore) => explore.choose(label, options.map(told), cost)),
    (at) => (boxes[at] ?? boxes[0]).option
  )
}

/** A choice made for the program: each of the options is explored. */
export const choose = <const A>(
  label: string,
  options: readonly [A, ...ReadonlyArray<A>]
): Effect.Effect<A, never, Explore> => chosen(label, options, "nothing")

/** A choice between what usually happens and what may go wrong: any but the first counts against `within.faults`. */
export const fault = <const A, const B>(
  label: string,
  usual: A,
  faults: ReadonlyArray<B>
): Effect.Effect<A | B, never, Explore> => chosen<A | B>(label, [usual, ...faults], "fault")

/** Interrupts this fiber, at each moment it can be interrupted at. Counts against `within.interruptions`. */
export const interruptAnywhere = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<void, never, Explore> =>
  Explore.useSync((explore) => explore.interruptLater(fiber))

/**
 * Waits until nobody else can go on: each fiber has ended or waits for another, no timer is left, and every interruption that
 * was to come has come, or has not. What follows has nothing to race with, but what it does itself.
 */
export const quiescence: Effect.Effect<void, never, Explore> = Effect.flatMap(Explore, ({ whenQuiet }) =>
  Effect.callback<void>((resume) => whenQuiet(() => resume(Effect.void)))
)

/** Records an event of one subject, as `always` sees it in `bySubject`. */
export const observe = (subject: string, mode: Mode, value?: unknown): Effect.Effect<void, never, Explore> =>
  Explore.useSync((explore) => explore.recorder.record([{ subject, mode }], value))

/** Records one event of several subjects. */
export const record = (subjects: ReadonlyArray<Subject>, event: unknown): Effect.Effect<void, never, Explore> =>
  Explore.useSync((explore) => explore.recorder.record(subjects, event))

/** Tells one event of the log: a step of its own, which orders nothing. */
export const tell = (event: unknown): Effect.Effect<void, never, Explore> =>
  Explore.useSync((explore) => explore.recorder.tell(event))

/** For a function that is called within a step and is no Effect, such as a call log. */
export const recorder: Effect.Effect<Recorder, never, Explore> = Explore.useSync((explore) => explore.recorder)
