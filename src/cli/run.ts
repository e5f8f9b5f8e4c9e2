/**
 * One run of `open`: a session, its clients, the store, and the end of it all in its order.
 *
 * It opens, asks for passwords where it may, waits for step 9, reads, and lets go by closing its scopes. It prints nothing:
 * whoever runs it listens.
 */
import * as Arr from "effect/Array"
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as EntryId from "../EntryId.ts"
import type * as Flags from "../Flags.ts"
import type { OpenMsgStoreError } from "../LoadSequence.ts"
import type { ObjectError } from "../MapiError.ts"
import { type IMAPISession, MapiSession } from "../MapiSession.ts"
import * as MsgStore from "../MsgStore.ts"
import type * as Profile from "../Profile.ts"
import { ProviderRegistry } from "../ProviderRegistry.ts"
import * as Ask from "./ask.ts"
import * as Folder from "./folder.ts"
import type { Progress } from "./progress.ts"
import * as Report from "./report.ts"
import * as Stores from "./stores.ts"

/** What to open, and how. */
export interface Options {
  readonly store: Option.Option<string>
  readonly password: Option.Option<Redacted.Redacted>
  /** May a password be asked for? */
  readonly ask: boolean
  readonly sessionFlags: ReadonlyArray<Flags.Session>
  readonly openFlags: ReadonlyArray<Flags.Open>
  readonly clients: number
  /** The folder to list, by path or name. */
  readonly list: Option.Option<string>
  /** The number of a message in that folder. */
  readonly message: Option.Option<number>
}

/** What was read. */
export interface Found {
  readonly store: Report.StoreReport
  readonly list: Folder.List | null
  readonly message: Folder.Message | null
}

/** Who listens. */
export interface Listener {
  /** Something to tell a reader, between calls. */
  readonly say: (text: string) => Effect.Effect<void>
  /** The store is open, and steps 8 and 9 are over. */
  readonly opened: (found: Found) => Effect.Effect<void>
  /** Stands around the reading, which may take long. */
  readonly during: Progress["during"]
}

export type RunError = OpenMsgStoreError | ObjectError

/** How often a password is asked for. */
const tries = 3

/** The whole run; what it says of the store is there once everything is closed again. */
export const run = Effect.fn("run")(function* (
  options: Options,
  profile: Profile.Profile,
  listener: Listener
): Effect.fn.Return<Found, RunError, Command.Environment> {
  const { clients, openFlags, password, sessionFlags } = options
  const { entryId, told } = yield* Stores.find(options.store)
  if (Option.isSome(told)) yield* listener.say(`${told.value}\n`)
  if (Option.isSome(password)) yield* profile.setPassword(entryId, password.value)

  const name = (n: number) => (clients === 1 ? "client" : `client#${n}`)
  const session = MapiSession.layerWith({ client: name(1), flags: sessionFlags, profile })
  const subject = Option.getOrElse(options.store, () => "the demonstration store")

  const body = Effect.gen(function* () {
    const first = yield* MapiSession
    const numbers = Array.from({ length: clients - 1 }, (_, n) => n + 2)
    const others = yield* Effect.forEach(numbers, (n) => first.share({ client: name(n), flags: sessionFlags }))
    const asking = yield* makeAsking({ entryId, listener, profile, subject })
    const open = (pointer: IMAPISession) => {
      const opening = pointer.openMsgStore({ entryId, flags: openFlags })
      return Effect.result(options.ask ? asking(opening) : opening) // one client's refusal interrupts no other's open
    }
    const answers = yield* Effect.forEach(Arr.make(first, ...others), open, { concurrency: "unbounded" })
    const [store] = yield* Effect.forEach(answers, Effect.fromResult)
    yield* first.spoolerIdle
    const found = yield* listener.during(Effect.scoped(read(store, options, profile.scrub)))
    yield* listener.opened(found)
    return found
  })
  return yield* Effect.scoped(body).pipe(
    Effect.provide(Layer.provide(session, ProviderRegistry.layer(Stores.registrations)))
  )
})

interface Asking {
  readonly entryId: EntryId.Wrapped
  /** What the password is for. */
  readonly subject: string
  readonly profile: Profile.Profile
  readonly listener: Listener
}

/**
 * The note of the seed: what meets FailOneProvider opens again in the same session, with a password that somebody is asked
 * for. Several clients at one store are asked once between them.
 */
const makeAsking = Effect.fnUntraced(function* ({ entryId, listener, profile, subject }: Asking) {
  const given = yield* Ref.make(0)
  const oneAtATime = yield* Semaphore.make(1)

  const another = Effect.fnUntraced(function* (before: number) {
    const now = yield* Ref.get(given)
    if (now > before) return true // another client was asked meanwhile
    if (now === tries) return false
    yield* listener.say(`\n${Report.theNote}\n`)
    const answer = yield* Ask.password(subject)
    if (Option.isNone(answer)) return false
    yield* profile.setPassword(entryId, answer.value)
    yield* Ref.set(given, now + 1)
    return true
  }, oneAtATime.withPermit)

  const asking = <A, R>(
    open: Effect.Effect<A, OpenMsgStoreError, R>
  ): Effect.Effect<A, OpenMsgStoreError, Command.Environment | R> =>
    Effect.gen(function* () {
      const before = yield* Ref.get(given)
      return yield* Effect.catchTag(open, "FailOneProvider", (refused) =>
        Effect.flatMap(another(before), (again) => (again ? asking(open) : Effect.fail(refused)))
      )
    })
  return asking
})

const read = Effect.fnUntraced(function* (
  store: MsgStore.MsgStore,
  { list, message }: Options,
  scrub: (text: string) => string
): Effect.fn.Return<Found, ObjectError, Scope.Scope> {
  const { PR_DISPLAY_NAME: name = "", PR_STORE_SUPPORT_MASK: mask = 0 } = yield* store.getProps([
    "PR_DISPLAY_NAME",
    "PR_STORE_SUPPORT_MASK"
  ])
  if (Option.isNone(list)) {
    const tree = yield* MsgStore.folderTree(store)
    return { store: Report.toStore(name, mask, tree, scrub), list: null, message: null }
  }
  const found = yield* Folder.read(store, list.value, Option.getOrNull(message), scrub)
  return { store: Report.toStore(name, mask, null, scrub), ...found }
})
