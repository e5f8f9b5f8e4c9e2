/** What the programs of this folder are about. They are compiled and never run. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { EntryId, LoadSequence, ProviderRegistry, StoreProvider } from "../../src/index.ts"
import { MapiSession, MsgStore } from "../../src/index.ts"

export declare const id: EntryId.Wrapped
export declare const privateId: EntryId.Private
export declare const registry: Layer.Layer<ProviderRegistry.ProviderRegistry>
export declare const provider: StoreProvider.IMSProvider
export declare const requested: LoadSequence.Requested
export declare const initialised: LoadSequence.Initialised
export declare const loggedOn: LoadSequence.LoggedOn
export declare const told: LoadSequence.Told

export const session = Layer.provide(MapiSession.MapiSession.layer, registry)

/** Takes a program that needs a session and nothing else. */
export const run = <A, E>(program: Effect.Effect<A, E, MapiSession.MapiSession>): Effect.Effect<A, E> =>
  Effect.provide(program, session)

/** Takes a program that needs nothing. */
export const standalone = <A, E>(program: Effect.Effect<A, E>): Effect.Effect<A, E> => program

export class Inbox extends MsgStore.Key<Inbox>()("Inbox") {}
export class Archive extends MsgStore.Key<Archive>()("Archive") {}

export const openInbox = MsgStore.opening(Inbox, { entryId: id })
export const openArchive = MsgStore.opening(Archive, { entryId: id })

export const readInbox = Effect.flatMap(Inbox, (inbox) => inbox.getProps(["PR_DISPLAY_NAME"]))
export const readBoth = Effect.andThen(
  readInbox,
  Effect.flatMap(Archive, (archive) => archive.getProps(["PR_DISPLAY_NAME"]))
)
