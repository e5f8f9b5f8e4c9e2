/**
 * A call log that somebody recorded, read from JSON Lines in one pass: an event of `CallLog` a line.
 *
 * Memory grows with the longest line, which is bounded, and not with the log. A line that does not fit is told of, and the
 * rest is read; nothing that a log says makes this fail or throw. Where the bytes come from is the caller's to know.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as CallLog from "../CallLog.ts"
import * as Judge from "./Judge.ts"
import type { Law } from "./Law.ts"
import * as Lines from "./Lines.ts"

/** What a line of a trace says. A blank line says nothing, and is none of these. */
export type Item =
  /** `seq` is the number of the line, whatever the log counts. */
  | { readonly _tag: "Event"; readonly event: CallLog.Event }
  /** Before the first event: the calls that the recorder could see, such as `IMSProvider::*`. */
  | { readonly _tag: "Sees"; readonly sees: ReadonlyArray<string> }
  | Misfit

/** A line that is no event, and why. */
export interface Misfit {
  readonly _tag: "Misfit"
  readonly line: number
  readonly why: string
}

/** The line that may stand before the events. */
export const Sees = Schema.Struct({ sees: Schema.Array(Schema.String) })

const decodeEvent = Schema.decodeUnknownResult(CallLog.Event)
const decodeSees = Schema.decodeUnknownResult(Sees)

const misfit = (line: number, why: string): Misfit => ({ _tag: "Misfit", line, why })

/** What the schema says of a value that does not fit names places, and never shows what is there. */
const ill = ({ message }: Schema.SchemaError): string => {
  const told = message.replace(/\s+/g, " ")
  return told.charAt(0).toLowerCase() + told.slice(1)
}

/** In its place, and its entry id in lower case, as ids are compared. */
const placed = (event: CallLog.Event, line: number): CallLog.Event =>
  event.entryId === undefined ? { ...event, seq: line } : { ...event, seq: line, entryId: event.entryId.toLowerCase() }

/** Reads a trace line by line. */
const reading = (): ((line: Lines.Line) => Item | null) => {
  let begun = false
  const first = (line: number, value: object): Item => {
    if (begun) return misfit(line, 'a line with "sees" belongs before the first event')
    return Result.match(decodeSees(value), {
      onFailure: (error) => misfit(line, ill(error)),
      onSuccess: ({ sees }): Item => {
        begun = true
        return { _tag: "Sees", sees }
      }
    })
  }
  return ({ number, text }) => {
    if (Result.isFailure(text)) return misfit(number, text.failure)
    if (text.success.trim() === "") return null
    const json = Result.try((): unknown => JSON.parse(text.success))
    if (Result.isFailure(json)) return misfit(number, "it is not JSON")
    const event = decodeEvent(json.success)
    if (Result.isFailure(event)) {
      return Predicate.hasProperty(json.success, "sees")
        ? first(number, json.success)
        : misfit(number, ill(event.failure))
    }
    begun = true
    return { _tag: "Event", event: placed(event.success, number) }
  }
}

function* items(lines: Iterable<Lines.Line>, read: (line: Lines.Line) => Item | null): Iterable<Item> {
  for (const line of lines) {
    const item = read(line)
    if (item !== null) yield item
  }
}

/** What is read at once. */
const batch = { chunkSize: 512 }

/** The items of a trace, as its bytes come. Fails as its source does. */
export const read = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Item, E, R> =>
  Stream.suspend(() => {
    const lines = Lines.splitting()
    const line = reading()
    return bytes.pipe(
      Stream.flatMap((chunk) => Stream.fromIterable(items(lines.push(chunk), line), batch)),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(items(lines.end(), line), batch)))
    )
  })

/** What is said of a trace. */
export interface Judged {
  readonly verdicts: ReadonlyArray<Judge.Verdict>
  readonly events: number
  readonly misfits: number
}

/** Judges a trace of any size, in one pass. `heard` is told of each item when it has been judged. */
export const judge = <E, R>(
  laws: ReadonlyArray<Law>,
  bytes: Stream.Stream<Uint8Array, E, R>,
  heard: (item: Item) => void = () => {}
): Effect.Effect<Judged, E, R> =>
  Effect.suspend(() => {
    let judge = Judge.make(laws)
    let events = 0
    let misfits = 0
    const take = (item: Item): void => {
      if (item._tag === "Sees") judge = Judge.make(laws, { sees: item.sees })
      if (item._tag === "Misfit") misfits++
      if (item._tag === "Event") {
        events++
        judge.see(item.event)
      }
      heard(item)
    }
    return Effect.map(
      Stream.runForEachArray(read(bytes), (batch) => Effect.sync(() => batch.forEach(take))),
      () => {
        judge.end()
        return { verdicts: judge.verdicts(), events, misfits }
      }
    )
  })
