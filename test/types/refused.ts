/**
 * Programs that must not compile. Above each stands why, and words that the compiler's own message must contain: a test
 * takes the expectations away and reads what the compiler says then.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import * as Explore from "../../src/explore.ts"
import { type Flags, LoadSequence, MapiError, MapiSession, type StoreProvider } from "../../src/index.ts"
import {
  Archive,
  Inbox,
  id,
  initialised,
  loggedOn,
  openArchive,
  openInbox,
  privateId,
  provider,
  readBoth,
  readInbox,
  requested,
  run,
  standalone
} from "./parts.ts"

const { openMsgStore } = MapiSession
const { layerNoDeps } = MapiSession.MapiSession
const about = { subject: "", detail: "" }
const scoped = Effect.scoped(openMsgStore({ entryId: id }))

export const opening = () => [
  // @ts-expect-error openMsgStore without a scope: who would release the store? | Scope
  run(openMsgStore({ entryId: id })),

  // @ts-expect-error openMsgStore without a session | MapiSession
  standalone(scoped),

  // @ts-expect-error a session without a registry: nobody said which providers there are | ProviderRegistry
  standalone(Effect.provide(scoped, layerNoDeps)),

  // @ts-expect-error an unwrapped id: clients hold wrapped ones | Private
  openMsgStore({ entryId: privateId }),

  // @ts-expect-error bytes that nobody has looked at | Uint8Array
  openMsgStore({ entryId: id.bytes }),

  // @ts-expect-error a session flag where an open flag belongs | MAPI_NO_MAIL
  openMsgStore({ entryId: id, flags: ["MAPI_NO_MAIL"] }),

  // @ts-expect-error an open flag where a session flag belongs | MDB_NO_MAIL
  MapiSession.make({ flags: ["MDB_NO_MAIL"] })
]

// A handle, and effects and streams made from one, let out of the region.
const handle = Inbox.pipe(openInbox)
const usedAfterwards = Effect.flatMap(handle, (inbox) => inbox.getProps(["PR_DISPLAY_NAME"]))
const letOut = Effect.flatten(Effect.map(Inbox, (inbox) => inbox.getProps([])).pipe(openInbox))
const root = Effect.flatMap(Inbox, (inbox) => inbox.openRootFolder).pipe(openInbox)
const folderLetOut = Effect.flatMap(root, (folder) => folder.getHierarchyTable)
const stream = Effect.map(Inbox, (inbox) => Stream.fromEffect(inbox.getProps([]))).pipe(openInbox)
const streamLetOut = Effect.flatMap(stream, Stream.runCollect)
const intoTheOuter = Effect.andThen(Archive, letOut).pipe(openArchive)
const mistaken = Effect.flatMap(Archive, (archive) =>
  // @ts-expect-error the store of one region in the place of another's | Archive
  Effect.provideService(readInbox, Inbox, archive)
)

export const exploring = () => [
  // @ts-expect-error a program that chooses, run where nobody chooses for it | Explore
  standalone(Explore.choose("which", [1, 2])),

  // @ts-expect-error a fault outside a check | Explore
  standalone(Explore.fault("open", "well", ["badly"])),

  // @ts-expect-error an observation outside a check | Explore
  standalone(Explore.observe("file", "changes")),

  // @ts-expect-error a check of a program that still lacks its session | MapiSession
  Explore.check(scoped)
]

export const regions = () => [
  // @ts-expect-error a store used after its region | Inbox
  run(usedAfterwards),

  // @ts-expect-error an effect made from a store, let out of its region and run | Inbox
  run(letOut),

  // @ts-expect-error a folder used after the region of its store | Inbox
  run(folderLetOut),

  // @ts-expect-error a stream of a store, run outside its region | Inbox
  run(streamLetOut),

  // @ts-expect-error two nested regions, the inner one's key left open | Inbox
  run(readBoth.pipe(openArchive)),

  // @ts-expect-error the inner region's effect, let out into the outer region | Inbox
  run(intoTheOuter),

  // @ts-expect-error releasing through the handle: there is no such method | release
  Effect.flatMap(scoped, (store) => store.release),

  // @ts-expect-error nor one to take a reference | addRef
  Effect.flatMap(scoped, (store) => store.addRef),

  mistaken
]

export const steps = () => [
  // @ts-expect-error Logon without an IMSProvider of step 3 | Initialised
  LoadSequence.logon(requested),

  // @ts-expect-error Logon on a provider that no step has made | Initialised
  LoadSequence.logon({ ready: initialised.ready, requested }),

  // @ts-expect-error MSProviderInit before the DLL is loaded | Loaded
  LoadSequence.initProvider(requested),

  // @ts-expect-error step 5 before Logon has answered | Answered
  LoadSequence.adopt(initialised),

  // @ts-expect-error step 6 before 5 | LoggedOn
  LoadSequence.tellSpooler(initialised),

  // @ts-expect-error step 7 before 5 | Told
  LoadSequence.giveToClient(initialised),

  // @ts-expect-error step 7 before 6 | Told
  LoadSequence.giveToClient(loggedOn),

  // @ts-expect-error SpoolerLogon without step 6's ticket | Ticketed
  LoadSequence.spoolerLogon(loggedOn),

  // @ts-expect-error a ticket made by hand | Ticketed
  LoadSequence.spoolerLogon({ session: requested.pointer.session, entry: loggedOn.entry }),

  // @ts-expect-error step 9 before SpoolerLogon has answered | SpoolerAnswered
  LoadSequence.samePair(loggedOn)
]

const quiet = readInbox.pipe(openInbox)
const opensAgain = Effect.catchTag(quiet, "FailOneProvider", () => quiet)
type Others = Exclude<Effect.Error<typeof quiet>, MapiError.FailOneProvider>
type Promised<E> = Effect.Effect<unknown, E, MapiSession.MapiSession>

// @ts-expect-error FailOneProvider left unhandled where the program promises no such error | FailOneProvider
export const promised: Promised<Others> = quiet

// @ts-expect-error a handler that merely opens again may fail in the same way | FailOneProvider
export const still: Promised<Others> = opensAgain

// @ts-expect-error a program that promises no errors at all | OpenMsgStoreError
export const nothing: Promised<never> = quiet

export const errors = () => [
  // @ts-expect-error catching what opening a store cannot fail with | OverRelease
  Effect.catchTag(scoped, "OverRelease", () => Effect.void),

  // @ts-expect-error an SCODE that is not the class's own | 2147746077
  new MapiError.FailOneProvider({ ...about, scode: 0x80040111 })
]

class Odd extends Error {
  readonly _tag = "Odd"
}
const { compareStoreIds, ...forgetful } = provider
const failsOddly = { ...provider, logon: () => Effect.fail(new Odd()) }
const boasts = { ...provider, logon: () => Effect.fail(new MapiError.ProviderDisabled(about)) }
const needs = { ...provider, shutdown: Effect.asVoid(MapiSession.MapiSession) }
const halfAPair = { ...provider, logon: () => Effect.succeed({ logon: null, spoolSecurity: null, warning: null }) }

// @ts-expect-error a provider that forgets a method | compareStoreIds
export const forgets: StoreProvider.IMSProvider = forgetful

// @ts-expect-error an error outside ProviderError | Odd
export const odd: StoreProvider.IMSProvider = failsOddly

// @ts-expect-error ProviderDisabled is MAPI's to say, not a provider's | ProviderDisabled
export const boasting: StoreProvider.IMSProvider = boasts

// @ts-expect-error a provider that needs a service of its caller | MapiSession
export const needy: StoreProvider.IMSProvider = needs

// @ts-expect-error a Logon that answers without a store | store
export const half: StoreProvider.IMSProvider = halfAPair

// @ts-expect-error a Release that may fail, as a finaliser | OverRelease
export const finaliser = Effect.addFinalizer(() => provider.release("MAPI"))

// @ts-expect-error two words that are one letter apart | MAPI_NO_MAIL
export const flag: Flags.Open = "MAPI_NO_MAIL"

export const twin = compareStoreIds

const { ProviderDisabled: ofOpen, ...allButOne } = Witnesses.openMsgStore
const { LoadFailed: ofInit, ...allButLoad } = Witnesses.initProvider

// @ts-expect-error an error of openMsgStore without a witness | ProviderDisabled
export const unwitnessed: Witnesses.Of<"openMsgStore"> = allButOne

// @ts-expect-error an error of a step without a witness | LoadFailed
export const stepUnwitnessed: Witnesses.Of<"initProvider"> = allButLoad

// @ts-expect-error a witness of what the step cannot fail with | OverRelease
export const invented: Witnesses.Of<"adopt"> = { ...Witnesses.adopt, OverRelease: ofInit }

// @ts-expect-error an error whose witnesses are none | requires
export const empty: Witnesses.Of<"samePair"> = { ProviderFailed: [] }

export const witnesses = [ofOpen, ofInit]
