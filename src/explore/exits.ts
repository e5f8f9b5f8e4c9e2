/**
 * Exits, compared as what they say: causes as multisets of reasons without fiber ids, wherever they are. Interruption counts
 * once: that one is told of twice says only in which span it found the fiber. Inside the package only.
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"

/** A value as text, whatever it holds: structure, never identity. */
export const textOf = (value: unknown, depth = 0): string => {
  if (typeof value === "function") return "function"
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value)
  if (depth > 6) return "…"
  if (Array.isArray(value)) return `[${value.map((it) => textOf(it, depth + 1)).join()}]`
  if (value instanceof Map) return `Map{${[...value].map((it) => textOf(it, depth + 1)).join()}}`
  if (value instanceof Set) return `Set{${[...value].map((it) => textOf(it, depth + 1)).join()}}`
  if ("~effect/Fiber" in value) return "Fiber"
  if (Cause.isCause(value)) return causeOf(value)
  const name = value instanceof Error ? `${value.name}:${value.message}` : ""
  const fields = Object.keys(value)
    .filter((key) => key !== "stack")
    .sort()
    .map((key) => `${key}:${textOf(Reflect.get(value, key), depth + 1)}`)
  return `${name}{${fields.join()}}`
}

const reason = (it: Cause.Reason<unknown>): string =>
  it._tag === "Fail" ? `Fail ${textOf(it.error)}` : it._tag === "Die" ? `Die ${textOf(it.defect)}` : "Interrupt"

const causeOf = ({ reasons }: Cause.Cause<unknown>): string => {
  const told = reasons.map(reason).sort()
  return told.filter((it, at) => it !== "Interrupt" || told.indexOf(it) === at).join(" + ")
}

/** The same text for exits that say the same. */
export const keyOf = (exit: Exit.Exit<unknown, unknown> | undefined): string => {
  if (exit === undefined) return "never ends"
  if (exit._tag === "Success") return `Success ${textOf(exit.value)}`
  return `Failure ${causeOf(exit.cause)}`
}
