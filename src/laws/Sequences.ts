/**
 * The subjects of a whole log, each with all of its events and with the laws that are about it, as automata whose places are
 * values: for who asks about many orders of one log at once.
 *
 * A subject's verdicts depend on the order of its own events alone: those that name it, those that change what contains it,
 * and the one it is over with. For logs that tell everything; `Judge` reads any log, one event after the other.
 */
import type { Event } from "../CallLog.ts"
import type { Breach, Law, Position } from "./Law.ts"
import * as Subjects from "./Subjects.ts"

/** What an event is to a subject: its own, or that of what contains it; and whether the subject is over only after it. */
export type Role =
  | "own"
  | "own, before its end"
  | "own, at its end"
  | "of a container"
  | "of a container, before its end"
  | "its end"

/** One event of a subject, by its place in the log. */
export interface Part {
  readonly at: number
  readonly mode: Subjects.Access["mode"]
  readonly role: Role
}

/** A subject, and its events in their order. */
export interface Sequence {
  readonly subject: string
  readonly parts: ReadonlyArray<Part>
  /** The automata of its laws, before its first event. */
  readonly start: () => ReadonlyArray<readonly [Law, Standing]>
}

/** Where the automaton of a law stands on a subject that is not born yet, lives, or is over. */
export interface Standing {
  /** The same for two that stand at the same place. */
  readonly key: string
  readonly change: (event: Event, role: Role) => Standing | Breach
  readonly use: (event: Event) => Breach | undefined
  readonly end: () => Breach | undefined
}

const breachOf = (found: ReturnType<Position["end"]>): Breach | undefined =>
  found?._tag === "Breach" ? found : undefined

const isBefore = (role: Role): boolean => role.endsWith("its end")

/** `left` is how many changes are to come before it is over. */
const stands = (law: Law, subject: string, position: Position, isBorn: boolean, left: number): Standing => ({
  key: `${isBorn} ${left} ${position.key}`,
  change: (event, role) => {
    const isOwn = role.startsWith("own")
    const rest = isBefore(role) ? left - 1 : left
    if (left === 0 && isOwn) return law.late(event, subject) ?? stands(law, subject, position, isBorn, left)
    if (left === 0 || (!isOwn && !isBorn)) return stands(law, subject, position, isBorn, rest)
    const isMove = role !== "its end" && role !== "own, at its end"
    const next = isMove ? position.change(event) : ((isOwn ? position.use(event) : undefined) ?? position)
    if ("_tag" in next) return next
    const owed = rest === 0 ? breachOf(next.end("over")) : undefined
    return owed ?? stands(law, subject, next, true, rest)
  },
  use: (event) => (left === 0 ? law.late(event, subject) : position.use(event)),
  end: () => (left === 0 ? undefined : breachOf(position.end("ended")))
})

/** What never comes again; the others begin again with their next event. */
const comesOnce = (subject: string): boolean => Subjects.isNumbered(subject) || /^(inside|clients of) /.test(subject)

interface Found {
  readonly kinds: Subjects.Access["kinds"]
  readonly own: Map<number, Part["mode"]>
  over: number
}

/** The subjects of a log that these laws are about. */
export const ofLog = (laws: ReadonlyArray<Law>, log: ReadonlyArray<Event>): ReadonlyArray<Sequence> => {
  const read = Subjects.reading()
  const found = new Map<string, Found>()
  const inside = new Map<string, Set<string>>()
  for (const [at, event] of log.entries()) {
    const { accesses, over } = read.tell(event)
    for (const { kinds, mode, subject, within } of accesses) {
      const known = found.get(subject)
      if (known === undefined) found.set(subject, { kinds, own: new Map([[at, mode]]), over: -1 })
      else known.own.set(at, mode)
      for (const container of within) inside.set(container, (inside.get(container) ?? new Set()).add(subject))
    }
    for (const subject of over) {
      const known = found.get(subject)
      if (known !== undefined && comesOnce(subject)) known.over = at
    }
  }
  const spread = new Map<string, Set<number>>()
  for (const [container, subjects] of inside) {
    for (const [at, mode] of found.get(container)?.own ?? []) {
      if (mode === "changes") for (const it of subjects) spread.set(it, (spread.get(it) ?? new Set()).add(at))
    }
  }
  return Array.from(found).flatMap(([subject, { kinds, over, own }]) => {
    const about = laws.filter((law) => kinds.includes(law.of))
    if (about.length === 0) return []
    const moves = spread.get(subject)
    const looks = about.some((law) => law.looksAtUses)
    const all = new Set([...own.keys(), ...(moves ?? []), ...(over < 0 ? [] : [over])])
    const parts = Array.from(all)
      .sort((a, b) => a - b)
      .flatMap((at): ReadonlyArray<Part> => {
        const mode = own.get(at) ?? (moves?.has(at) === true ? "changes" : "uses")
        if (mode === "uses" && at === over) {
          return [{ at, mode: "changes", role: own.has(at) ? "own, at its end" : "its end" }]
        }
        if (mode === "uses") return looks ? [{ at, mode, role: "own" }] : []
        const whose = own.has(at) ? "own" : "of a container"
        return [{ at, mode, role: at <= over ? `${whose}, before its end` : whose }]
      })
    const left = over < 0 ? Infinity : parts.filter(({ role }) => isBefore(role)).length
    const start = () => about.map((law) => [law, stands(law, subject, law.start(subject), false, left)] as const)
    return [{ subject, parts, start }]
  })
}
