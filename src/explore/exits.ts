/**
 * Exits, compared as what they say: causes as multisets of reasons without fiber ids, wherever they are. Interruption counts
 * once: that one is told of twice says only in which span it found the fiber. Inside the package only.
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import * as Hash from "effect/Hash"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Redacted from "effect/Redacted"

/** What a class of its own says of itself, where its fields are hidden: a date, a URL, an expression. */
const hidden = (value: object): string => {
  const bare = value instanceof ArrayBuffer ? new Uint8Array(value).join() : value.valueOf()
  return bare === value && value.toString === Object.prototype.toString ? "" : String(bare)
}

/** Beyond so many parts a value is not told: nobody reads on, and a graph has a way for each of its paths. */
const enough = 10_000

/** Structure, never identity: what a law can see in a value without calling it. */
class Telling {
  private readonly within = new Set<object>()
  private parts = 0

  text(value: unknown): string {
    if (typeof value === "function") return `function ${value.name}`
    if (typeof value === "string") return JSON.stringify(value)
    if (typeof value === "bigint") return `${value}n`
    if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value)
    if (this.within.has(value) || this.parts++ > enough) return "…"
    this.within.add(value)
    const told = this.object(value)
    this.within.delete(value)
    return told
  }

  private object(value: object): string {
    if (Array.isArray(value)) return `[${this.all(value)}]`
    if ("~effect/Fiber" in value) return "Fiber"
    if (Cause.isCause(value)) return causeOf(value, (it) => this.text(it))
    // A secret is compared, and not told.
    if (Redacted.isRedacted(value)) return `Redacted ${Hash.string(this.text(Redacted.value(value)))}`
    const made = Reflect.get(value, "constructor")
    const name = typeof made !== "function" || made === Object ? "" : made.name
    if (value instanceof Map || value instanceof Set) return `${name}{${this.all([...value])}}`
    // Where its parts stand depends on hashes, and those of objects are drawn.
    if (HashMap.isHashMap(value) || HashSet.isHashSet(value))
      return `Hash{${[...value].map((it) => this.text(it)).sort()}}`
    const keys = Object.keys(value).filter((key) => key !== "stack")
    const fields = keys.sort().map((key) => `${key}:${this.text(Reflect.get(value, key))}`)
    if (value instanceof Error) {
      const cause = value.cause === undefined ? "" : ` of ${this.text(value.cause)}`
      return `${value.name}:${value.message}${cause}{${fields}}`
    }
    return `${name}{${fields.length > 0 || name === "" ? fields : hidden(value)}}`
  }

  private all(values: ReadonlyArray<unknown>): string {
    return values.map((it) => this.text(it)).join()
  }
}

/** A value as text, whatever it holds. */
export const textOf = (value: unknown): string => {
  try {
    return new Telling().text(value)
  } catch (thrown) {
    return `what cannot be told: ${String(thrown)}`
  }
}

type Text = (value: unknown) => string

const causeOf = ({ reasons }: Cause.Cause<unknown>, text: Text = textOf): string => {
  const told = reasons
    .map((it) =>
      it._tag === "Fail" ? `Fail ${text(it.error)}` : it._tag === "Die" ? `Die ${text(it.defect)}` : "Interrupt"
    )
    .sort()
  return told.filter((it, at) => it !== "Interrupt" || told.indexOf(it) === at).join(" + ")
}

/** The same text for exits that say the same. */
export const keyOf = (exit: Exit.Exit<unknown, unknown> | undefined): string => {
  if (exit === undefined) return "never ends"
  if (exit._tag === "Success") return `Success ${textOf(exit.value)}`
  return `Failure ${causeOf(exit.cause)}`
}
