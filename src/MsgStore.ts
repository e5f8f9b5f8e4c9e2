/**
 * The client's face of an open store, and the region that it lives in.
 *
 * A handle from `openMsgStore` is released with its scope, and answers `InvalidObject` afterwards. A store opened under a
 * *key* cannot be used after its release at all: every method's requirements name the key, and only an open region
 * discharges it. What slips through the types (the same key opened again, a detached fork, a captured context, a handle
 * provided by hand) is `InvalidObject` at run time.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { OpenMsgStoreError, OpenRequest } from "./LoadSequence.ts"
import type { ObjectError } from "./MapiError.ts"
import { type MapiSession, openMsgStore } from "./MapiSession.ts"
import { bind, type MsgStore } from "./StoreHandle.ts"

export { openMsgStore } from "./MapiSession.ts"
export type { Folder, GetProps, Message, MsgStore } from "./StoreHandle.ts"

/** A key for a region: `class Inbox extends MsgStore.Key<Inbox>()("Inbox") {}`. Two keys of one id are one key. */
export const Key =
  <Self>() =>
  <const Id extends string>(id: Id): Context.ServiceClass<Self, `effect-mapi/MsgStore/${Id}`, MsgStore<Self>> =>
    Context.Service<Self, MsgStore<Self>>()(`effect-mapi/MsgStore/${id}`)

/**
 * Opens a store for the length of an effect: its region. Scope and key are discharged together, so that neither the handle
 * nor a finaliser of the effect can outlive the store.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { EntryId, type MapiSession, MsgStore } from "effect-mapi"
 *
 * class Inbox extends MsgStore.Key<Inbox>()("Inbox") {}
 *
 * const nameOf = (entryId: EntryId.Wrapped) =>
 *   Effect.gen(function* () {
 *     const inbox = yield* Inbox
 *     return yield* inbox.getProps(["PR_DISPLAY_NAME"])
 *   }).pipe(MsgStore.opening(Inbox, { entryId, flags: ["MDB_WRITE"] }))
 * ```
 */
export const opening =
  <Self>(key: Context.Key<Self, MsgStore<Self>>, request: OpenRequest) =>
  <A, E, R>(
    self: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | OpenMsgStoreError, Exclude<Exclude<R, Self>, Scope.Scope> | MapiSession> =>
    Effect.scoped(Effect.flatMap(openMsgStore(request), (store) => Effect.provideService(self, key, bind(key, store))))

/** A folder with what is in it, as plain data. */
export interface FolderTree {
  readonly name: string
  /** Messages in the folder, as its PR_CONTENT_COUNT says. */
  readonly count: number
  /** Their subjects, in the provider's order. */
  readonly subjects: ReadonlyArray<string>
  readonly folders: ReadonlyArray<FolderTree>
}

/** Deeper than any store that a person made; a damaged one may have folders that contain themselves. */
const deepest = 64

/** The whole folder tree, read top down; every folder is released as soon as it is read. */
export const folderTree = <Region>(
  store: MsgStore<Region>
): Effect.Effect<FolderTree, ObjectError, Exclude<Region | Scope.Scope, Scope.Scope>> => {
  type Needs = Exclude<Region | Scope.Scope, Scope.Scope>
  const read = (entryId: Uint8Array | null, depth: number): Effect.Effect<FolderTree | null, ObjectError, Needs> =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = entryId === null ? yield* store.openRootFolder : yield* store.openEntry(entryId)
        if (folder._tag === "Message") return null
        const row = yield* folder.getProps(["PR_DISPLAY_NAME", "PR_CONTENT_COUNT"])
        const below = depth < deepest ? yield* folder.getHierarchyTable : []
        const messages = yield* folder.getContentsTable
        const ids = below.flatMap((child) => child.PR_ENTRYID ?? [])
        const folders = yield* Effect.forEach(ids, (id) => read(id, depth + 1))
        return {
          name: row.PR_DISPLAY_NAME ?? "",
          count: row.PR_CONTENT_COUNT ?? messages.length,
          subjects: messages.map((message) => message.PR_SUBJECT ?? ""),
          folders: folders.filter((child) => child !== null)
        }
      })
    )
  return Effect.map(read(null, 0), (tree) => tree ?? { name: "", count: 0, subjects: [], folders: [] })
}
