/** Laws, asked about an execution: one that throws does not hold. Inside the package only. */
import type { Breach } from "./orders.ts"
import type { Execution, Law } from "./verdict.ts"

/** A law that does not hold, and why. */
export type Broken = readonly [law: string, reason: string]

/** What a law says. */
export const asked = <A, E>(name: string, law: Law<A, E> | undefined, execution: Execution<A, E>): boolean | string => {
  try {
    return law?.(execution) ?? false
  } catch (thrown) {
    return `${name} threw ${String(thrown)}`
  }
}

/** A breach of a law of logs; one that throws is broken as the log came. */
export const askedOf = <A>(name: string, ask: () => A): A | Breach => {
  try {
    return ask()
  } catch (thrown) {
    return { reason: `${name} threw ${String(thrown)}`, order: [] }
  }
}

/** Those of the laws that do not hold of it. */
export const brokenBy = <A, E>(
  execution: Execution<A, E>,
  laws: Readonly<Record<string, Law<A, E>>>
): ReadonlyArray<Broken> =>
  Object.entries(laws).flatMap(([name, law]) => {
    const holds = asked(name, law, execution)
    return holds === true ? [] : [[name, holds || `${name} does not hold`]]
  })

/** Laws that are broken, by their names. */
export const named = (broken: ReadonlyArray<Broken>): string => broken.map(([law]) => law).join(", ")
