/**
 * A failing execution as a value: a token that replays it, the choices in words, the events, and a column for each fiber.
 * Inside the package only.
 */
import * as Predicate from "effect/Predicate"
import type { Machine } from "./machine.ts"
import { whoWaits } from "./names.ts"
import type { Search } from "./search.ts"
import type { Answer, AtOnce, Profile, Script } from "./tree.ts"

/** Where a run left the default: at which of its choices, and for what. Where it is 0: which of those who might go on at once did. */
export type Deviations = ReadonlyArray<readonly [at: number, value: number]>

/** One step, in words. */
export interface Step {
  readonly fiber: string
  readonly does: string
}

/** An event that the program recorded, at its step. */
export interface Event {
  readonly step: number
  readonly fiber: string
  readonly subjects: ReadonlyArray<string>
  readonly value: unknown
}

/** How big a failing execution is: the first that differs decides. */
export interface Size {
  readonly faults: number
  readonly interruptions: number
  readonly switches: number
  readonly length: number
}

/** The smallest failing execution that was found. */
export interface Counterexample {
  /** The law that it breaks, or `deadlock`. */
  readonly law: string
  readonly reason: string
  /** Replays it: `Explore.replay(program, token)`. */
  readonly token: string
  /** Every choice that is not the default one, in words. */
  readonly choices: ReadonlyArray<string>
  readonly steps: ReadonlyArray<Step>
  readonly events: ReadonlyArray<Event>
  readonly size: Size
  /** Text: time downwards, one column for each fiber. */
  readonly columns: string
}

/** Of a token, by profile: its choices mean something else under another. */
const formats = { every: "x1", "default-scheduler": "x1d" } as const

/** Who goes on where nobody was ever passed over: who went on before, else who is first. */
export const defaultOf = (enabled: ReadonlyArray<number>, before: number): number =>
  enabled.includes(before) ? before : (enabled[0] ?? -1)

/**
 * The default order of a run. Who was passed over once stays behind the others until it runs: a process that sleeps through
 * a whole search costs its tokens one departure, and not one at every turn.
 */
class Order {
  private readonly passed = new Set<number>()

  usual(enabled: ReadonlyArray<number>, before: number): number {
    if (enabled.includes(before)) return before
    return enabled.find((process) => !this.passed.has(process)) ?? enabled[0] ?? -1
  }

  took(process: number, usual: number): void {
    if (process !== usual) this.passed.add(usual)
    this.passed.delete(process)
  }
}

export const deviations = (search: Search): Deviations => {
  const order = new Order()
  let at = -1
  return search.stack.flatMap((node): Deviations => {
    if (node.kind === "at once") return node.taken ? [[node.nth, 0]] : []
    at++
    if (node.kind === "answer") return node.option === 0 ? [] : [[at, node.option]]
    const usual = order.usual(node.enabled, node.before)
    order.took(node.process, usual)
    return node.process === usual ? [] : [[at, node.enabled.indexOf(node.process) + 1]]
  })
}

/** Runs along deviations, as far as there are such choices: those that there are not are left. */
export const scripted = (given: Deviations): Script & { readonly left: () => number } => {
  const wanted = new Map(given.filter(([, value]) => value > 0))
  const hasty = new Set(given.flatMap(([nth, value]) => (value === 0 ? [nth] : [])))
  const take = (at: number, most: number): number | undefined => {
    const value = wanted.get(at)
    if (value === undefined || value > most) return undefined
    wanted.delete(at)
    return value
  }
  const order = new Order()
  let at = 0
  return {
    process: (enabled, before) => {
      const value = take(at++, enabled.length)
      const usual = order.usual(enabled, before)
      const process = value === undefined ? usual : (enabled[value - 1] ?? -1)
      order.took(process, usual)
      return process
    },
    answer: (_, options) => take(at++, options.length - 1) ?? 0,
    atOnce: (nth) => hasty.delete(nth),
    left: () => wanted.size + hasty.size
  }
}

/** What a run did and was asked, as one number: the same program does the same again. */
export const fingerprint = (machine: Machine, search: Search): string => {
  let hash = 0x811c9dc5
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  for (const node of search.stack) if (node.kind === "answer") add([node.label, ...node.options].join())
  for (const { accesses, process } of search.events) {
    add(machine.names.processName(process))
    for (const access of accesses) {
      const name = machine.names.cellName(access >> 3)
      // Noted only once it is learnt that it counts: a replay knows of nothing yet.
      if (!name.startsWith(whoWaits)) add(`${name}${access & 7}`)
    }
  }
  return (hash >>> 0).toString(36)
}

export const tokenOf = (hash: string, given: Deviations, profile: Profile | undefined): string =>
  [formats[profile ?? "every"], hash, ...given.map(([at, value]) => `${at.toString(36)}-${value.toString(36)}`)].join(
    "."
  )

/** Undefined where it is no token, or one of another format. */
export const parseToken = (
  token: string
): { readonly hash: string; readonly deviations: Deviations; readonly profile: Profile | undefined } | undefined => {
  const [head, hash, ...rest] = token.trim().split(".")
  const profile = head === formats["default-scheduler"] ? "default-scheduler" : undefined
  if (head !== formats[profile ?? "every"] || hash === undefined || !/^[0-9a-z]+$/.test(hash)) return undefined
  const parsed: Array<readonly [number, number]> = []
  for (const part of rest) {
    const found = /^([0-9a-z]+)-([0-9a-z]+)$/.exec(part)
    if (found?.[1] === undefined || found[2] === undefined) return undefined
    parsed.push([Number.parseInt(found[1], 36), Number.parseInt(found[2], 36)])
  }
  return { hash, deviations: parsed, profile }
}

const verbs: Record<number, string> = { 1: "reads", 2: "adds to", 3: "adds to" }

const does = (machine: Machine, accesses: ReadonlyArray<number>, answers: ReadonlyArray<string>): string => {
  const said = accesses.flatMap((access) => {
    const name = machine.names.cellName(access >> 3)
    const mode = access & 7
    if (name.startsWith(whoWaits) || name.startsWith("the callbacks of") || name.startsWith("the children of"))
      return []
    if (name.startsWith("the interruption of")) return mode >= 4 ? [`interrupts ${name.slice(20)}`] : []
    if (name.startsWith("the end of")) return mode >= 4 ? ["ends"] : [`asks for ${name}`]
    return [`${verbs[mode] ?? "writes"} ${name}`]
  })
  return [...answers, ...said].join(", ") || "goes on"
}

const inWords = (machine: Machine, node: Answer | AtOnce): string =>
  node.kind === "answer"
    ? `${node.label}: ${node.options[node.option] ?? "?"}`
    : `${machine.names.processName(node.process)} goes on at once`

export const stepsOf = (machine: Machine, search: Search): ReadonlyArray<Step> => {
  const answers: Array<Array<string>> = []
  for (const node of search.stack) {
    if (node.kind === "process") answers.push([])
    else if (node.kind === "answer" || node.taken) answers.at(-1)?.push(inWords(machine, node))
  }
  return search.events.map(({ accesses, process }, at) => ({
    fiber: machine.names.processName(process),
    does: does(machine, accesses, answers[at] ?? [])
  }))
}

export const eventsOf = (machine: Machine): ReadonlyArray<Event> =>
  machine.observed.map(({ process, step, subjects = [], value }) => ({
    step,
    fiber: machine.names.processName(process),
    subjects: subjects.map(({ subject }) => subject),
    value
  }))

/** The choices that were not the default, in words. */
export const choicesOf = (machine: Machine, search: Search): ReadonlyArray<string> => {
  const order = new Order()
  let step = 0
  return search.stack.flatMap((node) => {
    if (node.kind !== "process") {
      const isUsual = node.kind === "answer" ? node.option === 0 : !node.taken
      return isUsual ? [] : [`step ${step}: ${inWords(machine, node)}`]
    }
    step++
    const usual = order.usual(node.enabled, node.before)
    order.took(node.process, usual)
    if (node.process === usual) return []
    return [`step ${step}: ${machine.names.processName(node.process)} goes on, not ${machine.names.processName(usual)}`]
  })
}

const shown = (value: unknown): string => {
  if (value === undefined) return ""
  if (Predicate.isString(value)) return value
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}

/** No row is wider, and no column narrower. */
const width = 120
const narrowest = 18
const widest = 34
const between = " | "

/** Steps that show something: an access, an answer, or an event. */
const visible = (steps: ReadonlyArray<Step>, events: ReadonlyArray<Event>) => {
  const told = new Map<number, Array<string>>()
  for (const event of events) told.set(event.step, [...(told.get(event.step) ?? []), `* ${shown(event.value)}`])
  return steps.flatMap(({ does: what, fiber }, at) => {
    const below = told.get(at) ?? []
    const lines = what === "goes on" ? below : [what, ...below]
    return lines.length === 0 ? [] : [{ fiber, lines }]
  })
}

const cut = (text: string, room: number): string => (text.length > room ? `${text.slice(0, room - 1)}…` : text)

/**
 * Time downwards; a recorded event stands under its step, after a `*`. A column for each process that does something
 * visible, where there is room for all of them; else each step on a line of its own, after the name of its process.
 */
export const columnsOf = (steps: ReadonlyArray<Step>, events: ReadonlyArray<Event>): string => {
  const rows = visible(steps, events)
  const names = [...new Set(rows.map(({ fiber }) => fiber))]
  const room = Math.floor((width - between.length * (names.length - 1)) / names.length)
  const column = Math.min(room, widest)
  if (column < narrowest) {
    const margin = Math.max(...names.map(({ length }) => length))
    const line = (fiber: string, text: string) => cut(`${fiber.padEnd(margin)}  ${text}`, width)
    return rows.flatMap(({ fiber, lines }) => lines.map((text, at) => line(at === 0 ? fiber : "", text))).join("\n")
  }
  const row = (fiber: string, text: string) =>
    names
      .map((name) => (name === fiber ? cut(text, column) : "").padEnd(column))
      .join(between)
      .trimEnd()
  const heading = names.map((name) => cut(name, column).padEnd(column)).join(between)
  const rule = names.map(() => "-".repeat(column)).join("-+-")
  return [heading.trimEnd(), rule, ...rows.flatMap(({ fiber, lines }) => lines.map((text) => row(fiber, text)))].join(
    "\n"
  )
}
