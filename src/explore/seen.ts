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

/** `log`: what each law of logs heard of this execution. */
export const seenOf = (
  exit: Exit.Exit<unknown, unknown> | undefined,
  observed: ReadonlyArray<Observed>,
  log: ReadonlyArray<string>
): Seen => ({ exit: keyOf(exit), subjects: subjectsOf(observed), log: log.join() })

export const seenKey = ({ exit, log, subjects }: Seen): string => `${exit}\n${subjects}\n${log}`

/** In which they differ, in words. */
export const difference = (was: Seen, is: Seen): string | undefined => {
  if (was.exit !== is.exit) return `it ended with ${was.exit}, and then with ${is.exit}`
  if (was.subjects !== is.subjects) return `it observed ${was.subjects}, and then ${is.subjects}`
  return was.log === is.log ? undefined : "it told other events than before"
}
