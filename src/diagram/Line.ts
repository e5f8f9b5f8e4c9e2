/**
 * A call log as lines: a call that is followed at once by its return is one line, others are two.
 *
 * What a table, a diagram and a live print have in common. No I/O, and no opinion on what a line looks like.
 */
import { type Event, isFailure } from "../CallLog.ts"

/** One line. `whole` is a call together with its return. */
export interface Line extends Pick<Event, "step" | "from" | "to" | "call" | "object" | "returned" | "refs"> {
  readonly half: "call" | "return" | "whole"
  /** How many calls this one was made within. */
  readonly depth: number
  /** Who made the call that this one is part of; null where no other such call met it, and it is plain. */
  readonly onBehalfOf: string | null
  /** DLL and flags, as the call was given them. */
  readonly args: ReadonlyArray<string>
  /** What the call answered; null while it is open. */
  readonly result: string | null
  readonly note: string | null
}

/** Takes events one by one; answers the lines that are complete. */
export interface Folding {
  readonly push: (event: Event) => ReadonlyArray<Line>
  /** The call that was waiting for what follows it. */
  readonly flush: () => ReadonlyArray<Line>
}

const toLine = (event: Event, half: Line["half"], { depth, top }: Place): Line => ({
  half,
  depth,
  onBehalfOf: depth === 0 || top.alone ? null : top.caller,
  step: event.step,
  from: event.from,
  to: event.to,
  call: event.call,
  object: event.object,
  returned: event.returned,
  refs: event.refs,
  args: half === "return" ? [] : [(event.object === null ? event.dll : null) ?? [], event.flags ?? []].flat(),
  result: event.result ?? null,
  note: event.note ?? null
})

const join = (call: Line, { note, refs, result, returned }: Line): Line => ({
  ...call,
  half: "whole",
  refs: [...call.refs, ...refs],
  result,
  returned,
  note
})

/** Where a call stands among the others: how deep, and which call at the top it is part of. */
interface Place {
  readonly depth: number
  readonly top: { readonly caller: string; alone: boolean }
}

const below = (above: Place | undefined, caller: string): Place =>
  above === undefined ? { depth: 0, top: { caller, alone: true } } : { ...above, depth: above.depth + 1 }

/** A new fold over a log, from its beginning. */
export const folding = (): Folding => {
  const places = new Map<number, Place>()
  const underWay = new Set<Place["top"]>() // calls at the top that have not returned
  let waiting: { readonly callId: number; readonly line: Line } | null = null

  const flush = (): ReadonlyArray<Line> => {
    const lines = waiting === null ? [] : [waiting.line]
    waiting = null
    return lines
  }
  const push = (event: Event): ReadonlyArray<Line> => {
    const { callId, from, phase, session, step, within } = event
    const above = within === null ? undefined : places.get(within)
    const place = places.get(callId) ?? below(above, from)
    places.set(callId, place)
    // What belongs to the process, such as LoadLibrary, stands beside every session's calls and is nobody's.
    if (place.depth === 0 && phase === "call" && session !== null) underWay.add(place.top)
    if (underWay.size > 1) for (const top of underWay) top.alone = false
    if (place.depth === 0 && phase === "return") underWay.delete(place.top)
    const line = toLine(event, phase, place)
    if (phase === "return" && waiting?.callId === callId && waiting.line.step === step) {
      const whole = join(waiting.line, line)
      waiting = null
      return [whole]
    }
    const before = flush()
    if (phase === "return") return [...before, line]
    waiting = { callId, line }
    return before
  }
  return { push, flush }
}

/** A whole log. */
export const lines = (events: Iterable<Event>): ReadonlyArray<Line> => {
  const { flush, push } = folding()
  return [...Array.from(events).flatMap(push), ...flush()]
}

/**
 * The client reading what is in an open store, and not failing at it: many calls, none of them part of loading a provider.
 * A diagram without them shows the nine steps and the close.
 */
export const isReading = ({ call, result, step }: Event): boolean =>
  step === null && !isFailure(result) && /^(new )?(IMAPIFolder|IMessage)\b|^IMsgStore::(OpenEntry|GetProps)$/.test(call)
