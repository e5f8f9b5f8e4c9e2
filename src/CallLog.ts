/**
 * Every call across a boundary, as data, and the reference through which it is recorded.
 *
 * A call is two events, `call` and `return`, joined by `callId`; an AddRef or Release carries the count that it changed.
 * Recording is observation: it never orders two steps, never fails, and appears in nobody's requirements, because
 * `CallLog` is a reference whose default records nothing. A password or a security blob is never recorded.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { isMapiError, Step } from "./MapiError.ts"
import * as Scode from "./Scode.ts"

/** One count that a call changed: how many references `holder` now has on `object`, and how many there are in all. */
export const RefChange = Schema.Struct({
  object: Schema.String,
  holder: Schema.String,
  count: Schema.Int,
  total: Schema.Int
})
export type RefChange = typeof RefChange.Type

/** One half of a call. */
export const Event = Schema.Struct({
  /** Position in the log, from 1. */
  seq: Schema.Int,
  /** The session it belongs to; null for what belongs to the process: LoadLibrary and FreeLibrary. */
  session: Schema.NullOr(Schema.String),
  /** Joins a return to its call. */
  callId: Schema.Int,
  /** The call during which this one was made; null at the top. */
  within: Schema.NullOr(Schema.Int),
  /** The step of the seed that this event is; null outside the nine. */
  step: Schema.NullOr(Step),
  phase: Schema.Literals(["call", "return"]),
  from: Schema.String,
  to: Schema.String,
  /** MAPI's name for the call, such as `IMSProvider::Logon`; words where MAPI has none. */
  call: Schema.String,
  /** The object called. */
  object: Schema.NullOr(Schema.String),
  /** The objects that a return hands out. */
  returned: Schema.Array(Schema.String),
  /**
   * The objects that the call is given: Logon and SpoolerLogon a support object, SpoolerLogon also the ticket that it
   * redeems, MakeInvalid its victim, `give entry id` the store that the entry id is of.
   */
  passed: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The counts that this call changed. */
  refs: Schema.Array(RefChange),
  dll: Schema.optionalKey(Schema.String),
  flags: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Of OpenMsgStore, and of what it gives to the spooler: the flags with which the client had logged on. */
  logonFlags: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Lower-case hex. */
  entryId: Schema.optionalKey(Schema.String),
  iid: Schema.optionalKey(Schema.String),
  /** On a return: the SCODE's name, its digits where it has none, or `interrupted`. */
  result: Schema.optionalKey(Schema.String),
  /** On a failed return: the tag of the typed error, which says more than an SCODE that several share. */
  error: Schema.optionalKey(Schema.String),
  /** Detail for a reader: what an error said, or a rule that this return breaks. */
  note: Schema.optionalKey(Schema.String)
})
export type Event = typeof Event.Type

/** One line of a trace file. */
export const EventFromJson = Schema.fromJsonString(Event)

/** Did this answer say that the call failed? Warnings are successes [R10]; a name that is none is no success. */
export const isFailure = (result: string | null | undefined): boolean => {
  if (result == null || result === "S_OK" || result.startsWith("MAPI_W_")) return false
  return !/^0x[0-7][0-9A-F]{7}$/i.test(result)
}

/** Where events go. Synchronous: an event is recorded in the same step as the call that it tells of. */
export interface Recorder {
  readonly name: (kind: string) => string
  readonly nextCall: () => number
  readonly record: (event: Omit<Event, "seq">) => void
}

const silent: Recorder = { name: (kind) => kind, nextCall: () => 0, record: () => {} }

/** The recorder in force. The default records nothing. */
export const CallLog = Context.Reference<Recorder>("effect-mapi/CallLog", { defaultValue: () => silent })

/** Where a fiber stands: in which session, within which call. */
export interface Frame {
  readonly session: string | null
  readonly within: number | null
}

/** Where the running fiber stands; inherited by the fibers that it forks. */
export const Frame = Context.Reference<Frame>("effect-mapi/CallLog/Frame", {
  defaultValue: () => ({ session: null, within: null })
})

/** A log that is being written. */
export class Recording extends Context.Service<
  Recording,
  {
    /** What has been recorded until now. */
    readonly events: Effect.Effect<ReadonlyArray<Event>>
  }
>()("effect-mapi/CallLog/Recording") {}

/** Names objects by kind and numbers calls, and does this with what is recorded. */
const numbering = (record: Recorder["record"]): Recorder => {
  const named = new Map<string, number>()
  let calls = 0
  return {
    name: (kind) => {
      const count = (named.get(kind) ?? 0) + 1
      named.set(kind, count)
      return `${kind}#${count}`
    },
    nextCall: () => ++calls,
    record
  }
}

/** Observation changes nothing: what a listener throws is dropped, and the call that is told of goes on. */
const tell = (listener: (event: Event) => void, event: Event): void => {
  try {
    listener(event)
  } catch {}
}

/** A recorder that keeps every event, and tells `listener` of each as it happens. What a listener throws is dropped. */
export const makeRecorder = (
  listener: (event: Event) => void = () => {}
): { readonly recorder: Recorder; readonly events: Effect.Effect<ReadonlyArray<Event>> } => {
  const kept: Array<Event> = []
  const recorder = numbering((event) => {
    const numbered = { seq: kept.length + 1, ...event }
    kept.push(numbered)
    tell(listener, numbered)
  })
  return { recorder, events: Effect.sync(() => kept.slice()) }
}

/** The same recorder, or one that keeps nothing in the place of the silent one, which also tells `listener`. */
export const overheard = (recorder: Recorder, listener: (event: Event) => void): Recorder => {
  const { name, nextCall, record } = recorder === silent ? numbering(() => {}) : recorder
  let seq = 0
  return {
    name,
    nextCall,
    record: (event) => {
      record(event)
      tell(listener, { seq: ++seq, ...event })
    }
  }
}

/** Records for whatever is built on it: provide it below `MapiSession`'s layer. */
export const layerRecording: Layer.Layer<Recording> = Layer.effectContext(
  Effect.sync(() => {
    const { recorder, events } = makeRecorder()
    return Context.make(CallLog, recorder).pipe(Context.add(Recording, { events }))
  })
)

/** What is known of a call before it is made. */
export interface About {
  readonly call: string
  readonly from: string
  readonly to: string
  /** The step that the call is; null outside the nine. */
  readonly step?: Step | null
  /** The step that a successful return is; the call's own where it is not said. */
  readonly returnStep?: Step | null
  /** The step that a failed return belongs to; the call's own where it is not said. */
  readonly failStep?: Step | null
  readonly object?: string | null
  readonly passed?: ReadonlyArray<string>
  readonly dll?: string
  readonly flags?: ReadonlyArray<string>
  readonly logonFlags?: ReadonlyArray<string>
  readonly entryId?: string
  readonly iid?: string
}

/** What a return adds. */
export interface Answer {
  readonly returned?: ReadonlyArray<string>
  readonly refs?: ReadonlyArray<RefChange>
  readonly result?: string
  readonly error?: string
  readonly note?: string
}

const known = ({ dll, entryId, flags, iid, logonFlags, passed }: About) => ({
  ...(passed === undefined ? {} : { passed }),
  ...(dll === undefined ? {} : { dll }),
  ...(flags === undefined ? {} : { flags }),
  ...(logonFlags === undefined ? {} : { logonFlags }),
  ...(entryId === undefined ? {} : { entryId }),
  ...(iid === undefined ? {} : { iid })
})

const half = (about: About, frame: Frame, callId: number) => ({
  session: frame.session,
  callId,
  within: frame.within,
  from: about.from,
  to: about.to,
  call: about.call,
  object: about.object ?? null,
  ...known(about)
})

/** Records the first half of a call, with the counts that it changed by being made. Answers its `callId`. */
export const begin = (recorder: Recorder, frame: Frame, about: About, refs: ReadonlyArray<RefChange> = []): number => {
  const callId = recorder.nextCall()
  recorder.record({ ...half(about, frame, callId), step: about.step ?? null, phase: "call", returned: [], refs })
  return callId
}

/** Records the second half. */
export const end = (
  recorder: Recorder,
  frame: Frame,
  about: About,
  callId: number,
  { failed = false, refs = [], result = "S_OK", returned = [], ...rest }: Answer & { readonly failed?: boolean }
): void => {
  const placed = failed ? about.failStep : about.returnStep
  const step = placed === undefined ? (about.step ?? null) : placed
  recorder.record({ ...half(about, frame, callId), step, phase: "return", returned, refs, result, ...rest })
}

/** A call and its return in one step: for what cannot fail and calls nothing. */
export const note = (recorder: Recorder, frame: Frame, about: About, answer: Answer = {}): void =>
  end(recorder, frame, about, begin(recorder, frame, about), answer)

/** The name of what a failed call answers, and what it said. */
export const failure = (cause: Cause.Cause<unknown>): Answer => {
  const error = Cause.findErrorOption(cause)
  if (error._tag === "Some" && isMapiError(error.value)) {
    return { result: Scode.show(error.value.scode), error: error.value._tag, note: error.value.detail }
  }
  return Cause.hasInterruptsOnly(cause)
    ? { result: "interrupted" }
    : { result: "MAPI_E_CALL_FAILED", note: error._tag === "Some" ? "the call failed" : "the call threw" }
}

/** What a success has to tell; an answer that cannot be read is the caller's to judge, not the log's. */
const told = <A>(onSuccess: (value: A) => Answer, value: A): Answer => {
  try {
    return onSuccess(value)
  } catch {
    return { note: "the answer cannot be read" }
  }
}

/** What else happens in the steps that record a call. */
export interface Steps<A, E, E2> {
  /** What a success has to tell. */
  readonly answer?: (value: A) => Answer
  /** In the step that would record the call: what it answers is the failure, and then there was no call. */
  readonly refuse?: () => E2 | undefined
  /** In the step that records a failure: what that does to others, so that nobody meets one before the other. */
  readonly failed?: (error: E) => void
}

/**
 * Runs an effect as a recorded call: `call` before it, `return` after it, whatever its exit and whenever interrupted. What
 * only `refuse` finds out can be told by a function, which is asked after it.
 */
export const call = <A, E, R, E2 = never>(
  about: About | (() => About),
  self: Effect.Effect<A, E, R>,
  { answer = () => ({}), failed = () => {}, refuse = () => undefined }: Steps<A, E, E2> = {}
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const recorder = yield* CallLog
      const frame = yield* Frame
      const [callId, known] = yield* Effect.suspend((): Effect.Effect<readonly [number, About], E2> => {
        const refusal = refuse()
        if (refusal !== undefined) return Effect.fail(refusal)
        const known = typeof about === "function" ? about() : about
        return Effect.succeed([begin(recorder, frame, known), known])
      })
      return yield* restore(self).pipe(
        Effect.provideService(Frame, { session: frame.session, within: callId }),
        Effect.onExit((exit) =>
          Effect.sync(() => {
            if (Exit.isSuccess(exit)) return end(recorder, frame, known, callId, told(answer, exit.value))
            const error = Cause.findErrorOption(exit.cause)
            if (error._tag === "Some") failed(error.value)
            end(recorder, frame, known, callId, { failed: true, ...failure(exit.cause) })
          })
        )
      )
    })
  )

/** Who holds what at the end of a log: the last known count of each holder on each object, objects in order of birth. */
export const ledger = (
  events: ReadonlyArray<Event>
): ReadonlyArray<{
  readonly object: string
  readonly total: number
  readonly holders: Readonly<Record<string, number>>
}> => {
  const rows = new Map<string, { total: number; holders: Record<string, number> }>()
  for (const { holder, object, count, total } of events.flatMap((event) => event.refs)) {
    rows.set(object, { total, holders: { ...rows.get(object)?.holders, [holder]: count } })
  }
  return Array.from(rows, ([object, row]) => ({ object, ...row }))
}
