/**
 * Profile sections: what a session knows of each store, credentials included.
 *
 * A section belongs to one DLL and one private id. Which section owns a store is for the provider's CompareStoreIDs to
 * say; this module keeps sections and never decides that. Passwords are `Redacted` and leave only towards the provider.
 * In memory: nothing is written anywhere. [R16]
 */
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Pattern from "effect/RegExp"
import * as Result from "effect/Result"
import * as EntryId from "./EntryId.ts"
import type { InvalidEntryId } from "./MapiError.ts"
import type { IProfSect, Row } from "./StoreProvider.ts"

/** One section. */
export interface Section extends IProfSect {
  readonly dll: string
  readonly entryId: EntryId.Private
  /** ModifyProfile: the section stays in the profile when its session ends. */
  readonly makePermanent: Effect.Effect<void>
  readonly isPermanent: Effect.Effect<boolean>
  /** The session that made it; null where a client did. */
  readonly owner: object | null
}

/** The sections of one user. */
export interface Profile {
  readonly name: string
  /** The sections of a DLL, newest first. */
  readonly sectionsOf: (dll: string) => Effect.Effect<ReadonlyArray<Section>>
  /** A section that lasts as long as its owner, a session, unless it is made permanent. */
  readonly addSection: (dll: string, entryId: EntryId.Private, owner: object) => Effect.Effect<Section>
  /** The same, unless the DLL has sections that were not searched before: these, which might be the one that is wanted. */
  readonly addUnlessOthers: (
    dll: string,
    entryId: EntryId.Private,
    owner: object,
    searched: ReadonlyArray<Section>
  ) => Effect.Effect<Result.Result<Section, ReadonlyArray<Section>>>
  /** Forgets the owner's sections that nobody made permanent. */
  readonly dropTemporary: (owner: object) => Effect.Effect<void>
  /** The password that the next Logon of this store will find, in place of any before. */
  readonly setPassword: (entryId: EntryId.Wrapped, password: Redacted.Redacted) => Effect.Effect<void, InvalidEntryId>
  /** A secret that came another way, such as by a dialog: `scrub` is to know it too. */
  readonly remember: (secret: Redacted.Redacted) => Effect.Effect<void>
  /** A text without the passwords that this profile knows. */
  readonly scrub: (text: string) => string
}

/** A new profile without sections. */
export const make = Effect.fnUntraced(function* (name = "Default"): Effect.fn.Return<Profile> {
  const sections = MutableRef.make<ReadonlyArray<Section>>([])
  const secrets = new Set<string>()

  const remember = (secret: Redacted.Redacted) => Effect.sync(() => void secrets.add(Redacted.value(secret)))

  const makeSection = Effect.fnUntraced(function* (dll: string, entryId: EntryId.Private, owner: object | null) {
    const props = yield* Ref.make<Row>({})
    const password = yield* Ref.make(Option.none<Redacted.Redacted>())
    const kept = yield* Ref.make(owner === null)
    const section: Section = {
      dll,
      entryId,
      getProps: Ref.get(props),
      setProps: (more) => Ref.update(props, (row) => ({ ...row, ...more })),
      password: Ref.get(password),
      setPassword: (secret) => Effect.andThen(remember(secret), Ref.set(password, Option.some(secret))),
      makePermanent: Ref.set(kept, true),
      isPermanent: Ref.get(kept),
      owner
    }
    return section
  })

  const of = (dll: string) => MutableRef.get(sections).filter((section) => section.dll === dll)

  const add = (section: Section): Section => {
    MutableRef.update(sections, (all) => [section, ...all])
    return section
  }

  const setPassword = Effect.fnUntraced(function* (wrapped: EntryId.Wrapped, password: Redacted.Redacted) {
    const { dllFileName, privateId } = yield* Effect.fromResult(EntryId.unwrap(wrapped))
    // A section more, not a search: newer sections are found first, and only the provider can tell ids apart.
    const section = yield* makeSection(EntryId.dllKey(dllFileName), privateId, null)
    yield* section.setPassword(password)
    yield* Effect.sync(() =>
      MutableRef.update(sections, (all) => [section, ...all.filter((other) => !sameKey(other, section))])
    )
  })

  const dropTemporary = Effect.fnUntraced(function* (owner: object) {
    const own = yield* Effect.sync(() => MutableRef.get(sections).filter((section) => section.owner === owner))
    const temporary = yield* Effect.filter(own, (section) => Effect.map(section.isPermanent, (kept) => !kept))
    yield* Effect.sync(() => MutableRef.update(sections, (now) => now.filter((it) => !temporary.includes(it))))
  })

  return {
    name,
    sectionsOf: (dll) => Effect.sync(() => of(dll)),
    addSection: (dll, entryId, owner) => Effect.map(makeSection(dll, entryId, owner), add),
    addUnlessOthers: (dll, entryId, owner, searched) =>
      Effect.map(makeSection(dll, entryId, owner), (section) => {
        const others = of(dll).filter((other) => !searched.includes(other))
        return others.length > 0 ? Result.fail(others) : Result.succeed(add(section))
      }),
    dropTemporary,
    setPassword,
    remember,
    scrub: (text) => without(text, secrets)
  }
})

/** The profile's own key for a section: its name here, not a statement about stores. */
const sameKey = (one: Section, other: Section): boolean =>
  one.dll === other.dll && EntryId.toHex(one.entryId) === EntryId.toHex(other.entryId)

const mark = "<redacted>"

/** In one pass, so that no mark is taken for text; longest first, so that no part of a longer password is left standing. */
const without = (text: string, secrets: ReadonlySet<string>): string => {
  const known = Array.from(secrets).filter((secret) => secret !== "")
  const words = [mark, ...known.sort((one, other) => other.length - one.length)]
  return text.replace(new RegExp(words.map(Pattern.escape).join("|"), "g"), mark)
}

/** A profile that knows some passwords from the start. */
export const withPasswords = (
  passwords: ReadonlyArray<readonly [EntryId.Wrapped, Redacted.Redacted]>
): Effect.Effect<Profile, InvalidEntryId> =>
  Effect.tap(make(), (profile) =>
    Effect.forEach(passwords, ([id, password]) => profile.setPassword(id, password), { discard: true })
  )
