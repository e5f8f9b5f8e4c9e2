/**
 * The call log of an explored execution, readable: objects are numbered by kind in the order that they appear, calls in the
 * order that they are made. The same execution always reads the same.
 */
import * as Schema from "effect/Schema"
import * as CallLog from "../../CallLog.ts"
import type * as Explore from "../../explore.ts"

const isEvent = Schema.is(CallLog.Event)

/** How the explorer names what is born: by the fiber that made it, and its count. */
const born = /\b([A-Za-z]\w*)#(main(?:\.\d+)*:\d+)/g

/** An execution in readable names. */
export interface Readable {
  readonly calls: ReadonlyArray<CallLog.Event>
  /** The same names in another text, such as the reason of a failure. */
  readonly said: (text: string) => string
}

/** Reads the events that an execution recorded; what is no call is left out. */
export const readable = (events: ReadonlyArray<Explore.Event>): Readable => {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const said = (text: string) =>
    text.replace(born, (full: string, kind: string) => {
      const known = names.get(full)
      if (known !== undefined) return known
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      names.set(full, `${kind}#${count}`)
      return `${kind}#${count}`
    })
  const numbers = new Map<number, number>()
  const numbered = (id: number): number => {
    const number = numbers.get(id) ?? numbers.size + 1
    numbers.set(id, number)
    return number
  }
  const calls = events.flatMap(({ value }, at) => {
    const event: unknown = typeof value === "object" && value !== null ? { seq: at + 1, ...value } : null
    return isEvent(event) ? [event] : []
  })
  return {
    said,
    calls: calls.map((event, at) => ({
      ...event,
      seq: at + 1,
      callId: numbered(event.callId),
      within: event.within === null ? null : numbered(event.within),
      session: event.session === null ? null : said(event.session),
      object: event.object === null ? null : said(event.object),
      returned: event.returned.map(said),
      ...(event.passed === undefined ? {} : { passed: event.passed.map(said) }),
      refs: event.refs.map((change) => ({ ...change, object: said(change.object) })),
      ...(event.note === undefined ? {} : { note: said(event.note) })
    }))
  }
}
