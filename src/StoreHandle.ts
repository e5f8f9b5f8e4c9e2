/**
 * What a client holds of an open store: methods that reach the provider, and nothing that reaches its references.
 *
 * There is no `release` here: a handle is released with the scope that it was opened in. After that, after the session's
 * end, or once MAPI has made the object invalid, every method answers `InvalidObject` without reaching the provider.
 * `Region` is the key that a handle is bound to: every method asks for it (see `MsgStore`).
 */
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MutableRef from "effect/MutableRef"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import type * as Flags from "./Flags.ts"
import { aside } from "./internal/aside.ts"
import { ask, inOwnFiber } from "./internal/ask.ts"
import { InvalidObject, isObjectError, type ObjectError } from "./MapiError.ts"
import * as RefCounted from "./RefCounted.ts"
import type { IMAPIFolder, IMessage, IMsgStore, PropName, Row } from "./StoreProvider.ts"

/** GetProps: of what was asked, what there is. */
export type GetProps<Region> = <const Name extends PropName>(
  names: ReadonlyArray<Name>
) => Effect.Effect<Pick<Row, Name>, ObjectError, Region>

/** A message. */
export interface Message<out Region = never> {
  readonly _tag: "Message"
  readonly getProps: GetProps<Region>
}

/** A folder. */
export interface Folder<out Region = never> {
  readonly _tag: "Folder"
  readonly getProps: GetProps<Region>
  /** The folders in it, a row each. */
  readonly getHierarchyTable: Effect.Effect<ReadonlyArray<Row>, ObjectError, Region>
  /** The messages in it, a row each. */
  readonly getContentsTable: Effect.Effect<ReadonlyArray<Row>, ObjectError, Region>
}

/** A message store. A handle from `openMsgStore` has no region: its scope is what it lives in. */
export interface MsgStore<out Region = never> {
  /** The store's id in the call log. */
  readonly id: string
  readonly getProps: GetProps<Region>
  /** OpenEntry: a folder or a message by its PR_ENTRYID; it is released with the scope. */
  readonly openEntry: (
    entryId: Uint8Array
  ) => Effect.Effect<Folder<Region> | Message<Region>, ObjectError, Scope.Scope | Region>
  /** OpenEntry without an id: the root folder. */
  readonly openRootFolder: Effect.Effect<Folder<Region>, ObjectError, Scope.Scope | Region>
  /** How transports are to leave when the last client goes: exactly one flag. [R17] */
  readonly storeLogoff: (
    flags: ReadonlyArray<Flags.Logoff>
  ) => Effect.Effect<ReadonlyArray<Flags.LogoffOutcome>, ObjectError, Region>
}

/** What a handle is made of. */
export interface Held {
  readonly store: IMsgStore
  readonly client: string
  readonly sessionId: string
  readonly recorder: CallLog.Recorder
  /** Is the session still logged on? */
  readonly live: () => boolean
  readonly scrub: (text: string) => string
  /** Runs a Release: the provider is not shut down meanwhile. */
  readonly releasing: (release: Effect.Effect<void>) => Effect.Effect<void>
}

/** A handle on a store of which `client` already has a reference, given back when the scope closes. */
export const make = Effect.fnUntraced(function* (held: Held): Effect.fn.Return<MsgStore, never, Scope.Scope> {
  const { client, store } = held
  const open = MutableRef.make(true)
  yield* releasing(store, held, () => MutableRef.set(open, false))
  const method = calling(held, open)

  const openEntry = (entryId: Uint8Array | null) =>
    Effect.uninterruptibleMask((wait) =>
      Effect.gen(function* () {
        const giveBack = (object: RefCounted.RefCounted) => held.releasing(RefCounted.letGo(object, client))
        const entry = yield* method(store, "IMsgStore::OpenEntry", () => store.openEntry(entryId, client), {
          wait,
          abandoned: giveBack,
          wellFormed: isEntry,
          answer: (object) => ({ returned: [object.id] })
        })
        return entry._tag === "Folder" ? yield* makeFolder(held, open, entry) : yield* makeMessage(held, open, entry)
      })
    )

  return {
    id: store.id,
    getProps: getProps(method, store, "IMsgStore", store.getProps),
    openEntry,
    openRootFolder: Effect.filterOrFail(
      openEntry(null),
      (root) => root._tag === "Folder",
      () => notAFolder(store.id)
    ),
    storeLogoff: (flags) => method(store, "IMsgStore::StoreLogoff", () => store.storeLogoff(flags), { flags })
  }
})

const notAFolder = (subject: string) => new InvalidObject({ subject, detail: "its root is no folder" })

/** Release, when the scope closes: a call of the client's own, whatever the scope was opened within. */
const releasing = (object: RefCounted.RefCounted, held: Held, before: () => void = () => {}) =>
  Effect.addFinalizer(() =>
    Effect.sync(before).pipe(
      Effect.andThen(held.releasing(RefCounted.letGo(object, held.client))),
      Effect.provideService(CallLog.Frame, { session: held.sessionId, within: null })
    )
  )

interface Calling<A> {
  readonly flags?: ReadonlyArray<string>
  readonly answer?: (value: A) => CallLog.Answer
  readonly wait?: <A2, E2, R2>(self: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2, R2>
  readonly abandoned?: (value: A) => Effect.Effect<void>
  readonly wellFormed?: (value: unknown) => boolean
}

type Method = <A>(
  object: RefCounted.RefCounted,
  call: string,
  run: () => Effect.Effect<A, ObjectError>,
  options?: Calling<A>
) => Effect.Effect<A, ObjectError>

const isTrue = (exit: Exit.Exit<boolean, unknown>): boolean => Exit.isSuccess(exit) && exit.value === true

const isEntry = (value: unknown): boolean =>
  Predicate.hasProperty(value, "_tag") &&
  (value._tag === "Folder" || value._tag === "Message") &&
  Predicate.hasProperty(value, "release") &&
  Predicate.hasProperty(value, "isValid")

/** A call from the client into the provider, if the object can still be called. */
const calling =
  (held: Held, open: MutableRef.MutableRef<boolean>): Method =>
  (
    object,
    call,
    run,
    { abandoned = () => Effect.void, answer, flags, wait, wellFormed = Predicate.isNotNullish } = {}
  ) => {
    const refused = new InvalidObject({ subject: object.id, detail: `${call} after its release, or its session's end` })
    // Asked again as the call is recorded: between the two nobody can end the session.
    const isOpen = () => MutableRef.get(open) && held.live()
    const callable = Effect.suspend(() =>
      isOpen()
        ? Effect.map(
            aside(() => object.isValid),
            isTrue
          )
        : Effect.succeed(false)
    )
    const asked = { call, subject: object.id, step: null, scrub: held.scrub, wellFormed }
    const about = {
      call,
      from: held.client,
      to: "provider",
      object: object.id,
      ...(flags === undefined ? {} : { flags })
    }
    const job = (restore: NonNullable<Calling<unknown>["wait"]>) =>
      Effect.flatMap(callable, (can) =>
        can
          ? CallLog.call(
              about,
              Effect.suspend(() =>
                inOwnFiber(ask(asked, run, isObjectError), { ended: Deferred.makeUnsafe(), wait: restore, abandoned })
              ),
              { ...(answer === undefined ? {} : { answer }), refuse: () => (isOpen() ? undefined : refused) }
            )
          : Effect.fail(refused)
      )
    return Effect.flatMap(CallLog.Frame, ({ within }) =>
      (wait === undefined ? Effect.uninterruptibleMask(job) : job(wait)).pipe(
        Effect.provideService(CallLog.CallLog, held.recorder),
        Effect.provideService(CallLog.Frame, { session: held.sessionId, within })
      )
    )
  }

const getProps = (
  method: Method,
  object: RefCounted.RefCounted,
  kind: string,
  ask: (names: ReadonlyArray<PropName>) => Effect.Effect<Row, ObjectError>
): GetProps<never> => {
  const get = (names: ReadonlyArray<PropName>) =>
    method(object, `${kind}::GetProps`, () => ask(names), {
      // Some are not there: a success, and a warning. [R10]
      answer: (row) => (names.every((name) => row[name] !== undefined) ? {} : { result: "MAPI_W_ERRORS_RETURNED" })
    })
  return (names) => Effect.map(get(names), (row) => picked(row, names))
}

const picked = <Name extends PropName>(row: Row, names: ReadonlyArray<Name>): Pick<Row, Name> => {
  // Boundary: `fromEntries` widens the keys; they are the names that were asked for.
  const found = names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]])
  return Object.fromEntries(found) as Pick<Row, Name>
}

const makeMessage = Effect.fnUntraced(function* (
  held: Held,
  open: MutableRef.MutableRef<boolean>,
  message: IMessage
): Effect.fn.Return<Message, never, Scope.Scope> {
  const method = calling(held, open)
  yield* releasing(message, held)
  return { _tag: "Message", getProps: getProps(method, message, "IMessage", message.getProps) }
})

const makeFolder = Effect.fnUntraced(function* (
  held: Held,
  open: MutableRef.MutableRef<boolean>,
  folder: IMAPIFolder
): Effect.fn.Return<Folder, never, Scope.Scope> {
  const method = calling(held, open)
  yield* releasing(folder, held)
  return {
    _tag: "Folder",
    getProps: getProps(method, folder, "IMAPIFolder", folder.getProps),
    getHierarchyTable: method(folder, "IMAPIFolder::GetHierarchyTable", () => folder.getHierarchyTable),
    getContentsTable: method(folder, "IMAPIFolder::GetContentsTable", () => folder.getContentsTable)
  }
})

// --- regions --------------------------------------------------------------------------------------------------------

/** The same store, bound to a key: every method first asks for the key, and works only for the region that holds it. */
export const bind = <Self>(key: Context.Key<Self, MsgStore<Self>>, store: MsgStore): MsgStore<Self> => {
  const refused = new InvalidObject({ subject: store.id, detail: "used in another region than it was opened in" })
  const inRegion = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | InvalidObject, R | Self> =>
    Effect.flatMap(
      key,
      (open): Effect.Effect<A, E | InvalidObject, R> => (open === bound ? self : Effect.fail(refused))
    )
  const bindMessage = (message: Message): Message<Self> => ({
    _tag: "Message",
    getProps: (names) => inRegion(message.getProps(names))
  })
  const bindFolder = (folder: Folder): Folder<Self> => ({
    _tag: "Folder",
    getProps: (names) => inRegion(folder.getProps(names)),
    getHierarchyTable: inRegion(folder.getHierarchyTable),
    getContentsTable: inRegion(folder.getContentsTable)
  })
  const bound: MsgStore<Self> = {
    id: store.id,
    getProps: (names) => inRegion(store.getProps(names)),
    openEntry: (entryId) =>
      Effect.map(inRegion(store.openEntry(entryId)), (entry) =>
        entry._tag === "Folder" ? bindFolder(entry) : bindMessage(entry)
      ),
    openRootFolder: Effect.map(inRegion(store.openRootFolder), bindFolder),
    storeLogoff: (flags) => inRegion(store.storeLogoff(flags))
  }
  return bound
}
