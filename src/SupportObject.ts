/**
 * IMAPISupport: the object that MAPI makes for each Logon, and through which a provider reaches MAPI.
 *
 * What a call means to the session is handed down as functions; this module only counts references, keeps what the logon
 * registered, and records the calls. At its last Release the store is gone: MAPI takes back the MAPIUIDs, then the
 * status row, and then ends the logon. [S5] [R7]
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as CallLog from "./CallLog.ts"
import * as EntryId from "./EntryId.ts"
import type * as Flags from "./Flags.ts"
import type { Section } from "./Profile.ts"
import * as RefCounted from "./RefCounted.ts"
import type { IMAPISupport, Row } from "./StoreProvider.ts"

/** What a support object needs of its session. */
export interface Hooks {
  readonly dllFileName: string
  readonly section: Section
  /** MDB_TEMPORARY: ModifyProfile does nothing. */
  readonly temporary: boolean
  readonly storeLogoffTransports: (flag: Flags.Logoff) => Effect.Effect<ReadonlyArray<Flags.LogoffOutcome>>
  /** Inside the last Release, after MAPIUIDs and status row are gone. */
  readonly lastRelease: Effect.Effect<void>
}

/** A support object from MAPI's side. */
export interface Support extends IMAPISupport {
  /** MAPI's own reference, from before Logon until after it. */
  readonly drop: Effect.Effect<void>
  readonly refs: RefCounted.RefCounted
}

/** Makes support objects. */
export class SupportObject extends Context.Service<
  SupportObject,
  { readonly make: (hooks: Hooks) => Effect.Effect<Support> }
>()("effect-mapi/SupportObject") {
  static readonly layer: Layer.Layer<SupportObject> = Layer.sync(SupportObject, () => ({ make }))
}

const make = Effect.fnUntraced(function* (hooks: Hooks): Effect.fn.Return<Support> {
  const recorder = yield* CallLog.CallLog
  const uids = yield* Ref.make<ReadonlyArray<Uint8Array>>([])
  const statusRow = yield* Ref.make<Row | null>(null)

  const tidy = Effect.fnUntraced(function* (call: string, had: boolean) {
    const frame = yield* CallLog.Frame
    if (had)
      yield* Effect.sync(() => CallLog.note(recorder, frame, { call, from: "MAPI", to: "MAPI", object: refs.id }))
  })
  const afterRelease = (left: RefCounted.Left) =>
    left.any()
      ? Effect.void
      : Effect.gen(function* () {
          yield* tidy("remove MAPIUIDs", (yield* Ref.getAndSet(uids, [])).length > 0)
          yield* tidy("remove status row", (yield* Ref.getAndSet(statusRow, null)) !== null)
          yield* hooks.lastRelease
        })
  const refs: RefCounted.RefCounted = yield* RefCounted.make({
    kind: "IMAPISupport",
    owner: "MAPI",
    holder: "MAPI",
    addRefStep: 5,
    afterRelease
  })
  const called = <A, E>(call: string, self: Effect.Effect<A, E>) =>
    CallLog.call({ call: `IMAPISupport::${call}`, from: "provider", to: "MAPI", object: refs.id }, self)

  return {
    id: refs.id,
    refs,
    drop: RefCounted.letGo(refs, "MAPI"),
    addRef: refs.addRef("provider"),
    release: refs.release("provider"),
    openProfileSection: called("OpenProfileSection", Effect.succeed(hooks.section)),
    setProviderUid: (uid) =>
      called(
        "SetProviderUID",
        Ref.update(uids, (all) => [...all, uid])
      ),
    modifyProfile: called("ModifyProfile", hooks.temporary ? Effect.void : hooks.section.makePermanent),
    modifyStatusRow: (row) => called("ModifyStatusRow", Ref.set(statusRow, row)),
    // The DLL name came out of a wrapped id, and so goes into one.
    wrapStoreEntryId: (id) =>
      called("WrapStoreEntryID", Effect.orDie(Effect.fromResult(EntryId.wrap(hooks.dllFileName, id)))),
    storeLogoffTransports: (flag) =>
      CallLog.call(
        { call: "IMAPISupport::StoreLogoffTransports", from: "provider", to: "MAPI", object: refs.id, flags: [flag] },
        hooks.storeLogoffTransports(flag)
      ),
    makeInvalid: (object) =>
      CallLog.call(
        { call: "IMAPISupport::MakeInvalid", from: "provider", to: "MAPI", object: refs.id, passed: [object.id] },
        object.makeInvalid
      )
  }
})
