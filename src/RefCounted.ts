/**
 * IUnknown: AddRef and Release, with the count observable and kept for each holder.
 *
 * ```text
 * new(holder) ──▶ n ≥ 1 ◀──┐ AddRef: n + 1
 *                  │ └─────┘ Release: n − 1
 *                  ▼
 *                n = 0, for good: AddRef is InvalidObject, Release is OverRelease
 * ```
 *
 * Every change is one atomic transition, recorded in the call log in the same step. A Release never throws, dies or
 * fails for what its object does on the way out: that is recorded. It knows nothing of MAPI but the names of the calls.
 *
 * Source: section 12 of the protocol reference.
 */
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import type * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import { aside } from "./internal/aside.ts"
import { InvalidObject, OverRelease, type Step } from "./MapiError.ts"

/** Who holds a reference: `"MAPI"`, `"provider"`, `"spooler"`, or a client by its name. */
export type Holder = string

/** The references of an object: each holder's count, holders without any left out. */
export type Holders = ReadonlyMap<Holder, number>

/** A counted object. */
export interface RefCounted {
  /** Its stable id in the call log, such as `IMsgStore#1`. */
  readonly id: string
  /** One reference more for `holder`, taken by `by` (the holder itself where it is not said). The new total. */
  readonly addRef: (holder: Holder, by?: Holder) => Effect.Effect<number, InvalidObject>
  /** One reference of `holder` less. The new total. What the object does at its last Release never fails it. */
  readonly release: (holder: Holder) => Effect.Effect<number, OverRelease>
  /** Hands one reference on, as an out parameter does: the total stays. */
  readonly transfer: (from: Holder, to: Holder) => Effect.Effect<void, InvalidObject>
  /** MakeInvalid: from now on the object answers to AddRef and Release alone. */
  readonly makeInvalid: Effect.Effect<void>
  /** False once made invalid, or once the last reference is gone. */
  readonly isValid: Effect.Effect<boolean>
  readonly holders: Effect.Effect<Holders>
  readonly count: Effect.Effect<number>
}

/** All references together. */
export const total = (holders: Holders): number => Array.from(holders.values()).reduce((sum, n) => sum + n, 0)

const set = (holders: Holders, holder: Holder, count: number): Holders => {
  const next = new Map(holders)
  if (count > 0) next.set(holder, count)
  else next.delete(holder)
  return next
}

/** AddRef as a transition: undefined once the object is past it, as it is at zero whatever `past` says. */
export const added = (holders: Holders, holder: Holder, past = isGone): Holders | undefined =>
  isGone(holders) || past(holders) ? undefined : set(holders, holder, (holders.get(holder) ?? 0) + 1)

const isGone = (holders: Holders): boolean => holders.size === 0

/** Release as a transition: undefined where the holder has nothing to release. */
export const released = (holders: Holders, holder: Holder): Holders | undefined => {
  const count = holders.get(holder) ?? 0
  return count === 0 ? undefined : set(holders, holder, count - 1)
}

/** Handing one reference on, as a transition. */
export const handed = (holders: Holders, from: Holder, to: Holder): Holders | undefined => {
  const given = released(holders, from)
  return given === undefined ? undefined : set(given, to, (given.get(to) ?? 0) + 1)
}

/** How an object is born, and what it does when references go. */
export interface Options {
  /** The interface, such as `IMsgStore`. */
  readonly kind: string
  /** Who implements it: the receiver of its AddRef and Release. */
  readonly owner: Holder
  /** Who holds the first reference. */
  readonly holder: Holder
  /** The step of the seed that creates it, and the one in which it is AddRef'd. */
  readonly step?: Step
  readonly addRefStep?: Step
  /** When AddRef comes too late. At zero, where it is not said; an object may be past it earlier. */
  readonly past?: (holders: Holders) => boolean
  /** Runs inside every Release that took a reference, with those left. An object without any left dies here. */
  readonly afterRelease?: (left: Holders) => Effect.Effect<void>
}

const changed = (id: string, holders: Holders, holder: Holder): CallLog.RefChange => ({
  object: id,
  holder,
  count: holders.get(holder) ?? 0,
  total: total(holders)
})

/** A new object, with one reference for its first holder. */
export const make = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<RefCounted> {
  const { kind, owner, afterRelease = () => Effect.void } = options
  const recorder = yield* CallLog.CallLog
  const born = yield* CallLog.Frame
  const id = recorder.name(kind)
  const state = MutableRef.make<Holders>(new Map([[options.holder, 1]]))
  const valid = MutableRef.make(true)

  // A change and the record of it are one step: the log's order is the order of the counts.
  const commit = (next: Holders | undefined, ...holders: ReadonlyArray<Holder>): ReadonlyArray<CallLog.RefChange> => {
    if (next === undefined) return []
    MutableRef.set(state, next)
    return holders.map((holder) => changed(id, next, holder))
  }
  const frame = Effect.map(CallLog.Frame, ({ within }) => ({ session: born.session, within }))
  const gone = (detail: string) => new InvalidObject({ subject: id, detail })

  const addRef = Effect.fnUntraced(function* (holder: Holder, by: Holder = holder) {
    const about = { call: `${kind}::AddRef`, from: by, to: owner, object: id, step: options.addRefStep ?? null }
    const here = yield* frame
    const next = yield* Effect.sync(() => {
      const next = added(MutableRef.get(state), holder, options.past)
      const callId = CallLog.begin(recorder, here, about, commit(next, holder))
      CallLog.end(recorder, here, about, callId, next === undefined ? { result: "MAPI_E_INVALID_OBJECT" } : {})
      return next
    })
    return next === undefined ? yield* gone("AddRef after its last Release") : total(next)
  })

  const release = Effect.fnUntraced(function* (holder: Holder) {
    const about = { call: `${kind}::Release`, from: holder, to: owner, object: id }
    const here = yield* frame
    const { callId, left } = yield* Effect.sync(() => {
      const left = released(MutableRef.get(state), holder)
      return { left, callId: CallLog.begin(recorder, here, about, commit(left, holder)) }
    })
    if (left === undefined) {
      const error = new OverRelease({ subject: id, detail: `${holder} has no reference to release` })
      const answer = { result: "MAPI_E_INVALID_OBJECT", note: error.detail }
      yield* Effect.sync(() => CallLog.end(recorder, here, about, callId, answer))
      return yield* error
    }
    const after = yield* aside(() => afterRelease(left)).pipe(
      Effect.provideService(CallLog.CallLog, recorder),
      Effect.provideService(CallLog.Frame, { session: born.session, within: callId })
    )
    const answer = after._tag === "Success" ? {} : { note: "the object failed on its way out" }
    yield* Effect.sync(() => CallLog.end(recorder, here, about, callId, answer))
    return total(left)
  }, Effect.uninterruptible)

  const transfer = Effect.fnUntraced(function* (from: Holder, to: Holder) {
    const about = { call: "hand over reference", from, to, object: id }
    const here = yield* frame
    const next = yield* Effect.sync(() => {
      const next = handed(MutableRef.get(state), from, to)
      const answer = next === undefined ? { result: "MAPI_E_INVALID_OBJECT" } : {}
      CallLog.end(recorder, here, about, CallLog.begin(recorder, here, about, commit(next, from, to)), answer)
      return next
    })
    if (next === undefined) return yield* gone(`${from} has no reference to hand over`)
  })

  yield* Effect.sync(() => {
    const about = { call: `new ${kind}`, from: owner, to: owner, object: id, step: options.step ?? null }
    const callId = CallLog.begin(recorder, born, about, commit(MutableRef.get(state), options.holder))
    CallLog.end(recorder, born, about, callId, { returned: [id] })
  })
  const holders = Effect.sync(() => MutableRef.get(state))
  const makeInvalid = Effect.sync(() => void MutableRef.set(valid, false))
  const isValid = Effect.sync(() => MutableRef.get(valid) && !isGone(MutableRef.get(state)))
  return { id, addRef, release, transfer, makeInvalid, isValid, holders, count: Effect.map(holders, total) }
})

/**
 * Release, whatever comes of it: for a path that must go on. An over-release is in the log; what a counted object of
 * somebody else's making throws goes no further than here.
 */
export const letGo = (object: RefCounted, holder: Holder): Effect.Effect<void> =>
  Effect.asVoid(aside(() => object.release(holder)))

/**
 * AddRef now, Release when the scope closes: the pair that cannot come apart.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { RefCounted } from "effect-mapi"
 *
 * const counts = Effect.gen(function* () {
 *   const store = yield* RefCounted.make({ kind: "IMsgStore", owner: "provider", holder: "MAPI" })
 *   const during = yield* Effect.scoped(RefCounted.hold(store, "client"))
 *   return [during, yield* store.count]
 * })
 * await Effect.runPromise(counts) // => [2, 1]
 * ```
 */
export const hold = (object: RefCounted, holder: Holder): Effect.Effect<number, InvalidObject, Scope.Scope> =>
  Effect.acquireRelease(object.addRef(holder), () => letGo(object, holder))
