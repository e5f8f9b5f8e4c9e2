/** The positive twins: programs beside the refused ones that do compile, the known holes among them. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { LoadSequence, type MapiError, MapiSession, MsgStore, type StoreProvider } from "../../src/index.ts"
import {
  Archive,
  Inbox,
  id,
  initialised,
  loggedOn,
  openArchive,
  openInbox,
  provider,
  readBoth,
  readInbox,
  requested,
  run,
  told
} from "./parts.ts"

const { openMsgStore } = MapiSession

export const programs = () => [
  // a scope, a session, a registry
  run(Effect.scoped(Effect.flatMap(openMsgStore({ entryId: id }), (store) => store.getProps(["PR_DISPLAY_NAME"])))),
  run(Effect.scoped(openMsgStore({ entryId: id, flags: ["MDB_WRITE", "MDB_NO_MAIL"] }))),
  // regions, one and two, discharged one at a time
  run(readInbox.pipe(openInbox)),
  run(readBoth.pipe(openInbox, openArchive)),
  run(readBoth.pipe(openArchive, openInbox)),
  // a folder inside its region
  run(
    Effect.gen(function* () {
      const root = yield* (yield* Inbox).openRootFolder
      return yield* root.getHierarchyTable
    }).pipe(openInbox)
  ),
  run(Effect.flatMap(Inbox, MsgStore.folderTree).pipe(openInbox)),
  // a finaliser of the body is discharged by the region
  run(
    Effect.andThen(
      Effect.addFinalizer(() => Effect.ignore(readInbox)),
      readInbox
    ).pipe(openInbox)
  ),
  // the handle may leave, as long as nobody uses it
  run(Inbox.pipe(openInbox)),
  // what an inner region returns is used in the outer one's
  run(Effect.flatMap(readInbox.pipe(openInbox), () => Archive).pipe(openArchive)),
  // a retry takes FailOneProvider out of the errors
  readInbox.pipe(
    openInbox,
    Effect.retry({ while: (error) => error._tag === "FailOneProvider" })
  ) satisfies Effect.Effect<unknown, MapiError.MapiError, MapiSession.MapiSession>,
  // the holes: they compile, and answer InvalidObject at run time
  run(
    Effect.flatMap(Inbox, (inbox) => Effect.forkDetach(inbox.getProps([]))).pipe(openInbox, Effect.flatMap(Fiber.join))
  ),
  run(
    Effect.flatMap(Effect.context<Inbox>(), (context) =>
      Effect.map(Inbox, (inbox) => Effect.provideContext(inbox.getProps([]), context))
    ).pipe(openInbox, Effect.flatten)
  ),
  run(
    Inbox.pipe(
      openInbox,
      Effect.flatMap((inbox) => Effect.provideService(inbox.getProps([]), Inbox, inbox))
    )
  ),
  run(Effect.scoped(openMsgStore({ entryId: id })).pipe(Effect.flatMap((store) => store.getProps([]))))
]

/** Two holes that nothing catches: keys of one id are one key, and a step's token can be used twice. */
class Twin extends MsgStore.Key<Twin>()("Inbox") {}

export const uncaught = () => [
  run(Effect.andThen(Twin, Inbox).pipe(openInbox, MsgStore.opening(Twin, { entryId: id }))),
  Effect.andThen(LoadSequence.giveToClient(told), LoadSequence.giveToClient(told))
]

export const steps = () => [
  LoadSequence.loadProvider(requested).pipe(Effect.flatMap(LoadSequence.initProvider)),
  LoadSequence.obtainProvider(requested).pipe(
    Effect.flatMap(LoadSequence.logon),
    Effect.flatMap(LoadSequence.adopt),
    Effect.flatMap(LoadSequence.tellSpooler),
    Effect.flatMap(LoadSequence.giveToClient)
  ),
  LoadSequence.logon(initialised),
  LoadSequence.tellSpooler(loggedOn),
  LoadSequence.giveToClient(told)
]

export const providers: ReadonlyArray<StoreProvider.IMSProvider> = [
  provider,
  { ...provider, logon: (request) => provider.logon(request), shutdown: Effect.void }
]

export const keys = [Inbox, Archive]
