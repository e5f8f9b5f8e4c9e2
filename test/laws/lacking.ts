/** What is said where a recorder saw everything that a law needs, but for one thing. */
import type { Law } from "../../src/laws/Law.ts"
import { outcome } from "./judged.ts"

/** Of the law's good example. */
export const lacking = (law: Law, need: string): string => {
  const events = law.good
    .filter(({ call }) => call !== need)
    .map((event) => ({
      ...event,
      refs: need === "counts" ? [] : event.refs,
      within: need === "nesting" ? null : event.within
    }))
  return outcome(
    law,
    events,
    law.needs.filter((it) => it !== need)
  )
}
