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
import * as Bag from "./explore/Bag.ts"
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
  /**
   * One reference more for `holder`, taken by `by` (the holder itself where it is not said). No new total, here and below:
   * it says nothing that anybody may act on, and `count` tells it.
   */
  readonly addRef: (holder: Holder, by?: Holder) => Effect.Effect<void, InvalidObject>
  /** One reference of `holder` less. What the object does at its last Release never fails it. */
  readonly release: (holder: Holder) => Effect.Effect<void, OverRelease>
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

/** What is left, for who has to decide by it: he asks in the step in which it changes. */
export interface Left {
  /** Has anybody a reference still? */
  readonly any: () => boolean
  /** Has anybody one that keeps the object open? */
  readonly keeping: () => boolean
}

const anybody = (): boolean => true

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
  /** Whose references keep it open to AddRef. Anybody's, where it is not said; an object may be past it before its last. */
  readonly keeps?: (holder: Holder) => boolean
  /** Says what runs inside every Release that took a reference, by those left. An object without any left dies here. */
  readonly afterRelease?: (left: Left) => Effect.Effect<void>
}

const changed = (id: string, holders: Holders, holder: Holder): CallLog.RefChange => ({
  object: id,
  holder,
  count: holders.get(holder) ?? 0,
  total: total(holders)
})

/** A new object, with one reference for its first holder. */
export const make = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<RefCounted> {
  const { kind, owner, afterRelease = () => Effect.void, keeps = anybody } = options
  const recorder = yield* CallLog.CallLog
  const born = yield* CallLog.Frame
  const id = recorder.name(kind)
  const sortOf = (holder: Holder) => (keeps(holder) ? "keeping" : "other")
  const held = Bag.make(`references on ${kind}`, sortOf)
  const left: Left = { any: () => held.some(anybody), keeping: () => held.some((sort) => sort === "keeping") }
  const valid = MutableRef.make(true)

  // A change and the record of it are one step: the log's order is the order of the counts.
  const told = (...holders: ReadonlyArray<Holder>) => {
    const now = held.untold()
    return holders.map((holder) => changed(id, now, holder))
  }
  const frame = Effect.map(CallLog.Frame, ({ within }) => ({ session: born.session, within }))
  const gone = (detail: string) => new InvalidObject({ subject: id, detail })

  const addRef = Effect.fnUntraced(function* (holder: Holder, by: Holder = holder) {
    const about = { call: `${kind}::AddRef`, from: by, to: owner, object: id, step: options.addRefStep ?? null }
    const here = yield* frame
    const isInTime = yield* Effect.sync(() => {
      const isInTime = left.keeping()
      if (isInTime) held.put(holder)
      const callId = CallLog.begin(recorder, here, about, isInTime ? told(holder) : [])
      CallLog.end(recorder, here, about, callId, isInTime ? {} : { result: "MAPI_E_INVALID_OBJECT" })
      return isInTime
    })
    if (!isInTime) return yield* gone("AddRef after its last Release")
  })

  const release = Effect.fnUntraced(function* (holder: Holder) {
    const about = { call: `${kind}::Release`, from: holder, to: owner, object: id }
    const here = yield* frame
    const { after, callId } = yield* Effect.sync(() => {
      const isTaken = held.take(holder)
      const callId = CallLog.begin(recorder, here, about, isTaken ? told(holder) : [])
      return { after: isTaken ? asEffect(() => afterRelease(left)) : null, callId }
    })
    if (after === null) {
      const error = new OverRelease({ subject: id, detail: `${holder} has no reference to release` })
      const answer = { result: "MAPI_E_INVALID_OBJECT", note: error.detail }
      yield* Effect.sync(() => CallLog.end(recorder, here, about, callId, answer))
      return yield* error
    }
    const exit = yield* aside(() => after).pipe(
      Effect.provideService(CallLog.CallLog, recorder),
      Effect.provideService(CallLog.Frame, { session: born.session, within: callId })
    )
    const answer = exit._tag === "Success" ? {} : { note: "the object failed on its way out" }
    yield* Effect.sync(() => CallLog.end(recorder, here, about, callId, answer))
  }, Effect.uninterruptible)

  const transfer = Effect.fnUntraced(function* (from: Holder, to: Holder) {
    const about = { call: "hand over reference", from, to, object: id }
    const here = yield* frame
    const isGiven = yield* Effect.sync(() => {
      const isGiven = held.rename(from, to)
      const answer = isGiven ? {} : { result: "MAPI_E_INVALID_OBJECT" }
      CallLog.end(recorder, here, about, CallLog.begin(recorder, here, about, isGiven ? told(from, to) : []), answer)
      return isGiven
    })
    if (!isGiven) return yield* gone(`${from} has no reference to hand over`)
  })

  yield* Effect.sync(() => {
    const about = { call: `new ${kind}`, from: owner, to: owner, object: id, step: options.step ?? null }
    held.put(options.holder)
    const callId = CallLog.begin(recorder, born, about, told(options.holder))
    CallLog.end(recorder, born, about, callId, { returned: [id] })
  })
  const holders = Effect.sync(() => held.all())
  const makeInvalid = Effect.sync(() => void MutableRef.set(valid, false))
  const isValid = Effect.sync(() => MutableRef.get(valid) && left.any())
  return { id, addRef, release, transfer, makeInvalid, isValid, holders, count: Effect.map(holders, total) }
})

/** What throws instead of saying what runs, throws when it runs. */
const asEffect = (f: () => Effect.Effect<void>): Effect.Effect<void> => {
  try {
    return f()
  } catch (thrown) {
    return Effect.die(thrown)
  }
}

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
 *   const during = yield* Effect.scoped(Effect.andThen(RefCounted.hold(store, "client"), store.count))
 *   return [during, yield* store.count]
 * })
 * await Effect.runPromise(counts) // => [2, 1]
 * ```
 */
export const hold = (object: RefCounted, holder: Holder): Effect.Effect<void, InvalidObject, Scope.Scope> =>
  Effect.acquireRelease(object.addRef(holder), () => letGo(object, holder))
