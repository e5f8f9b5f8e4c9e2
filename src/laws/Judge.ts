/**
 * Judges a call log by its laws, event by event, in one pass.
 *
 * Remembers where the automata of living subjects stand, of what has gone only the numbers, and of each law its first
 * breach: memory grows with what lives at once, not with the log. Never throws, whatever a log says.
 */
import type { Event } from "../CallLog.ts"
import * as Coverage from "./Coverage.ts"
import * as Intervals from "./Intervals.ts"
import { type Breach, type Ending, is, type Kind, type Law, type NotShown, type Watch } from "./Law.ts"
import * as Subjects from "./Subjects.ts"

/** A law, broken on one subject. */
export interface Broken {
  readonly law: Law
  readonly subject: string
  /** The first event that breaks it. */
  readonly event: Event
  readonly expected: string
}

/** What is said of one law at the end. */
export type Verdict =
  | { readonly _tag: "Holds"; readonly law: Law; readonly subjects: number }
  | { readonly _tag: "NotJudged"; readonly law: Law; readonly why: string }
  /** `first` by the order of the log, and on how many subjects. */
  | { readonly _tag: "Broken"; readonly law: Law; readonly first: Broken; readonly subjects: number }

/** A judge at work. */
export interface Judge {
  /** Takes the next event; answers what it breaks. */
  readonly see: (event: Event) => ReadonlyArray<Broken>
  /** The log is at its end; answers what is owed and was not paid. Nothing is seen after it. */
  readonly end: () => ReadonlyArray<Broken>
  /** What is said of each law; before the end, of what has been seen so far. */
  readonly verdicts: () => ReadonlyArray<Verdict>
}

/** What is known of a log before it is read. */
export interface Options {
  /** The calls that the recorder could see, such as `IMSProvider::*`; where it is not said, the log shows it. */
  readonly sees?: ReadonlyArray<string>
}

/** One law, and how it fares. */
interface Case {
  readonly law: Law
  readonly watch: Watch
  subjects: number
  unshown: string | null
  first: Broken | null
  broken: number
  /** The last subject that was broken when it was gone: each is told of once. */
  late: string | null
}

/** A living subject. */
interface Subject {
  readonly cases: ReadonlyArray<Case>
  readonly within: ReadonlyArray<string>
}

/** A judge of a log that is read from its beginning. */
export const make = (laws: ReadonlyArray<Law>, options: Options = {}): Judge => {
  const cases = laws.map(
    (law): Case => ({ law, watch: law.watch(), subjects: 0, unshown: null, first: null, broken: 0, late: null })
  )
  const read = Subjects.reading()
  const coverage = Coverage.make(options.sees)
  // As the recorder says it, and not as the log shows it: that depends on how far it has been read.
  const seesLogoff = options.sees === undefined || Coverage.make(options.sees).lacks(["IMAPISession::Logoff"]) === null
  const living = new Map<string, Subject>()
  const inside = new Map<string, Set<string>>() // what lives within a subject
  const gone = Intervals.make()
  const loggedOn = new Set<string>() // sessions
  const byKinds = new Map<string, ReadonlyArray<Case>>()

  const casesOf = (kinds: ReadonlyArray<Kind>): ReadonlyArray<Case> => {
    const key = kinds.join()
    const known = byKinds.get(key) ?? cases.filter(({ law }) => kinds.includes(law.of))
    byKinds.set(key, known)
    return known
  }

  /** A subject, with all that is known to contain it: its DLL may be told later than its first event. */
  const begin = ({ kinds, subject, within }: Subjects.Access): Subject => {
    const known = living.get(subject)
    if (known !== undefined && known.within.length >= within.length) return known
    const begun = { cases: known?.cases ?? casesOf(kinds), within }
    living.set(subject, begun)
    if (known === undefined) for (const one of begun.cases) one.subjects++
    for (const container of within) inside.set(container, (inside.get(container) ?? new Set()).add(subject))
    return begun
  }

  const note = (one: Case, subject: string, found: Breach | NotShown | undefined): ReadonlyArray<Broken> => {
    if (found === undefined) return []
    if (found._tag === "NotShown") {
      one.unshown ??= found.why
      return []
    }
    const broken = { law: one.law, subject, event: found.event, expected: found.expected }
    one.broken++
    if (one.first === null || found.event.seq < one.first.event.seq) one.first = broken
    return [broken]
  }

  const tell = (subject: string, told: Subject, how: "change" | "use", event: Event): ReadonlyArray<Broken> =>
    told.cases.flatMap((one) => note(one, subject, one.watch[how](subject, event)))

  const finish = (subject: string, how: Ending): ReadonlyArray<Broken> => {
    const told = living.get(subject)
    if (told === undefined) return []
    living.delete(subject)
    for (const container of told.within) {
      const set = inside.get(container)
      set?.delete(subject)
      if (set?.size === 0) inside.delete(container)
    }
    if (Subjects.isNumbered(subject)) gone.add(subject)
    return told.cases.flatMap((one) => note(one, subject, one.watch.end(subject, how)))
  }

  /** Does the log end before the session of this subject, or within one of its calls; of the process, before any? */
  const isCut = (): ((subject: string) => boolean) => {
    const sessionOf = (subject: string) => living.get(subject)?.within.find((it) => it.startsWith("IMAPISession#"))
    const calls = Array.from(living.keys()).filter((subject) => subject.startsWith("call "))
    const open = new Set([...loggedOn, ...calls.map(sessionOf)])
    return (subject) => {
      const session = loggedOn.has(subject) ? subject : sessionOf(subject)
      return session === undefined ? open.size > 0 : open.has(session)
    }
  }

  const touch = (access: Subjects.Access, event: Event): ReadonlyArray<Broken> => {
    const { kinds, mode, subject } = access
    if (!living.has(subject) && gone.has(subject)) {
      return casesOf(kinds).flatMap((one) => {
        const found = one.late === subject ? undefined : one.law.late(event, subject)
        if (found !== undefined) one.late = subject
        return note(one, subject, found)
      })
    }
    return tell(subject, begin(access), mode === "changes" ? "change" : "use", event)
  }

  /** A change to what contains others is one to them all; to those that the event names, it comes as their own. */
  const spread = (accesses: ReadonlyArray<Subjects.Access>, event: Event): ReadonlyArray<Broken> => {
    const named = new Set(accesses.map(({ subject }) => subject))
    const moved = accesses.flatMap(({ mode, subject }) => (mode === "changes" ? [...(inside.get(subject) ?? [])] : []))
    return [...new Set(moved)].flatMap((subject) => {
      const told = living.get(subject)
      return told === undefined || named.has(subject) ? [] : tell(subject, told, "change", event)
    })
  }

  /**
   * Without counts no object is known to die: its session takes it along, or where no session is seen to end, its provider;
   * they would pile up.
   */
  const takenAlong = (event: Event): ReadonlyArray<string> => {
    const { object, session } = event
    const isLast = is(event, "return", "IMAPISession::Logoff")
    const isShutdown = is(event, "return", "IMSProvider::Shutdown") && !seesLogoff
    if ((!isLast && !isShutdown) || coverage.lacks(["counts"]) === null) return []
    const all = Array.from(inside.get((isLast ? session : object) ?? "") ?? [])
    const taken = all.filter((subject) => !subject.startsWith("call ")) // calls end by themselves
    for (const subject of taken) read.forget(subject)
    return taken
  }

  return {
    see: (event) => {
      coverage.add(event)
      const { accesses, over } = read.tell(event)
      const found = [...accesses.flatMap((access) => touch(access, event)), ...spread(accesses, event)]
      const ended = over.flatMap((subject) => finish(subject, "over"))
      const { session } = event
      if (is(event, "return", "IMAPISession::Logoff")) loggedOn.delete(session ?? "")
      else if (session !== null && !gone.has(session)) loggedOn.add(session)
      return [...found, ...ended, ...takenAlong(event).flatMap((subject) => finish(subject, "ended"))]
    },
    end: () => {
      const isCutOff = isCut()
      return Array.from(living.keys(), (subject) => [subject, isCutOff(subject) ? "cut" : "ended"] as const).flatMap(
        ([subject, how]) => finish(subject, how)
      )
    },
    verdicts: () => cases.map(verdict)
  }

  function verdict({ broken, first, law, subjects, unshown }: Case): Verdict {
    const why = coverage.lacks(law.needs)
    if (why !== null) return { _tag: "NotJudged", law, why }
    if (first !== null) return { _tag: "Broken", law, first, subjects: broken }
    if (subjects === 0) return { _tag: "NotJudged", law, why: "the log has nothing that it is about" }
    return unshown === null ? { _tag: "Holds", law, subjects } : { _tag: "NotJudged", law, why: unshown }
  }
}
