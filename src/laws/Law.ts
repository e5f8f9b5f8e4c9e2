/**
 * What a law is: a small automaton over the events of one subject.
 *
 * An event *changes* or *uses* each of its subjects (see `Subjects`). A law may let a change move its automaton; a use can
 * only be checked against where it stands. So two events that change nothing of each other's may be told in either order,
 * and no verdict can differ. A law never looks at `seq`, and never at a clock.
 */
import type { Event } from "../CallLog.ts"

/** What a law is about. `call` is every call; `object` every counted object, whatever its interface. */
export type Kind =
  | "call"
  | "OpenMsgStore"
  /** A call that is inside a provider: a Logon, or the Release of a store or of a logon. */
  | "inside"
  | "logon"
  /** The clients of a store, as one: the first comes, the last goes, and the transports are off. */
  | "clients"
  | "object"
  | "IMSProvider"
  | "ticket"
  | "registration"
  | "store id"
  | "session"
  | "dll"

/** A law is broken: by this event, since that was expected. */
export interface Breach {
  readonly _tag: "Breach"
  readonly event: Event
  readonly expected: string
}

/** The subject does not show whether the law holds. */
export interface NotShown {
  readonly _tag: "NotShown"
  readonly why: string
}

/** How a subject ends: for itself, with the log of a session that has logged off, or cut off with the log. */
export type Ending = "over" | "ended" | "cut"

/** A law over subjects of one kind, whose automaton stands at an `S`. */
export interface Automaton<S> {
  readonly of: Kind
  /** The calls without which nothing can be said. */
  readonly needs: ReadonlyArray<string>
  readonly initial: S
  /** The event changes the subject, or something that contains it. Answers where the automaton stands now. */
  readonly change: (state: S, event: Event, subject: string) => S | Breach
  /** The event uses the subject. */
  readonly use?: (state: S, event: Event, subject: string) => Breach | undefined
  /** The event comes after the end of the subject. */
  readonly late?: (event: Event, subject: string) => Breach | undefined
  /** What is still owed; `undefined` is nothing. */
  readonly end: (state: S, how: Ending, subject: string) => Breach | NotShown | undefined
}

/** What a reader is told of a law. */
export interface Text {
  /** Its name, that of its file. */
  readonly name: string
  /** What must hold, in the words of the page or of the reference. */
  readonly sentence: string
  /** Where that is said: a step of the page, a ruling, a page of the reference. */
  readonly source: string
  /** A log in which it holds, and one in which it is broken. */
  readonly good: ReadonlyArray<Event>
  readonly bad: ReadonlyArray<Event>
}

/** Where the automata of one law stand, by subject. */
export interface Watch {
  readonly change: (subject: string, event: Event) => Breach | undefined
  readonly use: (subject: string, event: Event) => Breach | undefined
  /** The subject is gone, and with it where its automaton stood. */
  readonly end: (subject: string, how: Ending) => Breach | NotShown | undefined
}

/** Where the automaton of one law stands on one subject: a value. */
export interface Position {
  /** The same for two that stand at the same place. */
  readonly key: string
  readonly change: (event: Event) => Position | Breach
  readonly use: (event: Event) => Breach | undefined
  readonly end: (how: Ending) => Breach | NotShown | undefined
}

/** A law, whatever its automaton stands at. */
export interface Law extends Text {
  readonly of: Kind
  readonly needs: ReadonlyArray<string>
  readonly watch: () => Watch
  readonly start: (subject: string) => Position
  /** Whether it is asked about uses at all. */
  readonly looksAtUses: boolean
  /** The event comes after the end of the subject. */
  readonly late: (event: Event, subject: string) => Breach | undefined
}

const isBreach = (value: unknown): value is Breach =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Breach"

const watching = <S>(automaton: Automaton<S>): Watch => {
  const states = new Map<string, S | Breach>()
  const at = (subject: string): S | Breach => states.get(subject) ?? automaton.initial
  return {
    change: (subject, event) => {
      const state = at(subject)
      if (isBreach(state)) return undefined // broken once: what follows from it says nothing new
      const next = automaton.change(state, event, subject)
      states.set(subject, next)
      return isBreach(next) ? next : undefined
    },
    use: (subject, event) => {
      const state = at(subject)
      const breach = isBreach(state) ? undefined : automaton.use?.(state, event, subject)
      states.set(subject, breach ?? state)
      return breach
    },
    end: (subject, how) => {
      const state = at(subject)
      states.delete(subject)
      return isBreach(state) ? undefined : automaton.end(state, how, subject)
    }
  }
}

/** Structure as text: of a map, whatever the order of its entries. */
const told = (state: unknown): string =>
  String(JSON.stringify(state, (_, value: unknown) => (value instanceof Map ? Array.from(value).sort() : value)))

const positioned = <S>(automaton: Automaton<S>, state: S, subject: string): Position => ({
  key: told(state),
  change: (event) => {
    const next = automaton.change(state, event, subject)
    return isBreach(next) ? next : positioned(automaton, next, subject)
  },
  use: (event) => automaton.use?.(state, event, subject),
  end: (how) => automaton.end(state, how, subject)
})

/** A law. */
export const make = <S>(text: Text, automaton: Automaton<S>): Law => ({
  ...text,
  of: automaton.of,
  needs: automaton.needs,
  watch: () => watching(automaton),
  start: (subject) => positioned(automaton, automaton.initial, subject),
  looksAtUses: automaton.use !== undefined || automaton.late !== undefined,
  late: (event, subject) => automaton.late?.(event, subject)
})

/** What `change` and `use` answer to an event that breaks the law. */
export const breach = (event: Event, expected: string): Breach => ({ _tag: "Breach", event, expected })

/** What `end` answers where the log does not show enough. */
export const notShown = (why: string): NotShown => ({ _tag: "NotShown", why })

/** What is owed at the end is a breach, unless the log was cut off before it could be paid. */
export const owed = (how: Ending, event: Event, expected: string): Breach | NotShown =>
  how === "cut" ? notShown("the log ends before its session does") : breach(event, expected)

/** Is it this half of this call? */
export const is = (event: Event, phase: Event["phase"], ...calls: ReadonlyArray<string>): boolean =>
  event.phase === phase && calls.includes(event.call)
