/**
 * What laws may see of an execution, as text: the same for every order of its trace. Of a subject's events, changes are in
 * their order, and what is observed between two of them in none. Inside the package only.
 */
import type * as Exit from "effect/Exit"
import type { Observed } from "./execution.ts"
import { keyOf, textOf } from "./exits.ts"

export interface Seen {
  readonly exit: string
  readonly subjects: string
  /** Told apart by what the laws of logs hear. */
  readonly log: string
  /** The laws that it breaks. */
  readonly broken: string
}

const subjectsOf = (observed: ReadonlyArray<Observed>): string => {
  const told = new Map<string, { readonly changes: Array<string>; uses: Array<string> }>()
  for (const { process, subjects = [], value } of observed) {
    for (const { mode, subject } of subjects) {
      const of = told.get(subject) ?? { changes: [], uses: [] }
      told.set(subject, of)
      const text = `${process} ${textOf(value)}`
      if (mode === "uses") of.uses.push(text)
      else {
        of.changes.push(...of.uses.sort(), text)
        of.uses = []
      }
    }
  }
  const lines = [...told].map(
    ([subject, { changes, uses }]) => `${subject}: ${[...changes, ...uses.sort()].join(", ")}`
  )
  return lines.sort().join("; ")
}

/** How it ended, what it observed, and which laws it breaks, in words. */
export const outcomeOf = (
  exit: Exit.Exit<unknown, unknown> | undefined,
  observed: ReadonlyArray<Observed>,
  broken: string
): string => {
  const subjects = subjectsOf(observed)
  return `${keyOf(exit)}${subjects === "" ? "" : `, after ${subjects}`}${broken === "" ? "" : `, and breaks ${broken}`}`
}

/** `log`: what each law of logs heard of it. */
export const seenOf = (
  exit: Exit.Exit<unknown, unknown> | undefined,
  observed: ReadonlyArray<Observed>,
  log: ReadonlyArray<string>,
  broken = ""
): Seen => ({ exit: keyOf(exit), subjects: subjectsOf(observed), log: log.join(), broken })

/** In which they differ, in words. */
export const difference = (was: Seen, is: Seen): string | undefined => {
  if (was.exit !== is.exit) return `it ended with ${was.exit}, and then with ${is.exit}`
  if (was.subjects !== is.subjects) return `it observed ${was.subjects}, and then ${is.subjects}`
  if (was.log !== is.log) return "it told other events than before"
  if (was.broken === is.broken) return undefined
  return `it broke ${was.broken || "no law"}, and then ${is.broken || "none"}`
}
