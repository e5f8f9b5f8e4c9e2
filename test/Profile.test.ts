import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as EntryId from "../src/EntryId.ts"
import * as Profile from "../src/Profile.ts"

const ids = (name: string, dll = "mspst.dll") => {
  const privateId = Result.getOrThrow(
    EntryId.makePrivate(Uint8Array.of(...new Uint8Array(20), ...new TextEncoder().encode(name)))
  )
  return { privateId, entryId: Result.getOrThrow(EntryId.wrap(dll, privateId)) }
}
const inbox = ids("inbox")
const archive = ids("archive")
const DLL = EntryId.dllKey("mspst.dll")

/** What a profile knows of a DLL: which stores, newest first, with which passwords. */
const told = (profile: Profile.Profile, dll = DLL) =>
  Effect.flatMap(profile.sectionsOf(dll), (sections) =>
    Effect.forEach(sections, ({ entryId, password }) =>
      Effect.map(password, (secret) => [
        new TextDecoder().decode(entryId.bytes.subarray(20)),
        Option.getOrNull(Option.map(secret, Redacted.value))
      ])
    )
  )

const session = {}

describe("a section", () => {
  it.effect("belongs to one DLL and one private id; the newest is found first", () =>
    Effect.gen(function* () {
      const profile = yield* Profile.make("Work")
      const one = yield* profile.addSection(DLL, inbox.privateId, session)
      const other = yield* profile.addSection(DLL, archive.privateId, session)
      yield* profile.addSection("OTHER.DLL", inbox.privateId, session)
      assert.deepStrictEqual([profile.name, yield* profile.sectionsOf(DLL)], ["Work", [other, one]])
      assert.deepStrictEqual([one.dll, one.entryId], [DLL, inbox.privateId])
      assert.deepStrictEqual(yield* told(profile), [
        ["archive", null],
        ["inbox", null]
      ])
    })
  )

  it.effect("keeps what is set, at once, property by property", () =>
    Effect.gen(function* () {
      const section = yield* Effect.flatMap(Profile.make(), (profile) =>
        profile.addSection(DLL, inbox.privateId, session)
      )
      assert.deepStrictEqual(yield* section.getProps, {})
      yield* section.setProps({ PR_DISPLAY_NAME: "Inbox", PR_OBJECT_TYPE: 1 })
      yield* section.setProps({ PR_DISPLAY_NAME: "Post" })
      assert.deepStrictEqual(yield* section.getProps, { PR_DISPLAY_NAME: "Post", PR_OBJECT_TYPE: 1 })
    })
  )

  it.effect("is forgotten with its session, unless somebody made it permanent", () =>
    Effect.gen(function* () {
      const profile = yield* Profile.make()
      const kept = yield* profile.addSection(DLL, inbox.privateId, session)
      yield* profile.addSection(DLL, archive.privateId, session)
      yield* profile.addSection("OTHER.DLL", inbox.privateId, {}) // another session's
      yield* kept.makePermanent
      yield* profile.setPassword(archive.entryId, Redacted.make("s3same"))
      yield* profile.dropTemporary(session)
      assert.deepStrictEqual(yield* told(profile), [
        ["archive", "s3same"],
        ["inbox", null]
      ])
      assert.strictEqual((yield* profile.sectionsOf("OTHER.DLL")).length, 1)
      assert.isTrue(yield* kept.isPermanent)
    })
  )
})

describe("a password", () => {
  it.effect("is found by the next Logon, in place of any before", () =>
    Effect.gen(function* () {
      const profile = yield* Profile.withPasswords([
        [archive.entryId, Redacted.make("archive's")],
        [inbox.entryId, Redacted.make("wrong")]
      ])
      yield* profile.setPassword(inbox.entryId, Redacted.make("right"))
      assert.deepStrictEqual(yield* told(profile), [
        ["inbox", "right"],
        ["archive", "archive's"]
      ])
    })
  )

  it.effect("is filed under the DLL's name whatever its case", () =>
    Effect.gen(function* () {
      const profile = yield* Profile.make()
      yield* profile.setPassword(ids("inbox", "MsPst.DLL").entryId, Redacted.make("one"))
      yield* profile.setPassword(inbox.entryId, Redacted.make("other"))
      assert.deepStrictEqual(yield* told(profile), [["inbox", "other"]])
    })
  )

  it.effect("for an id that does not unwrap is InvalidEntryId, and is not kept", () =>
    Effect.gen(function* () {
      const broken = Result.getOrThrow(EntryId.fromBytes(inbox.entryId.bytes.subarray(0, 24)))
      const error = yield* Effect.flip(Profile.withPasswords([[broken, Redacted.make("s3same")]]))
      assert.deepStrictEqual([error._tag, error.offset], ["InvalidEntryId", 24])
    })
  )

  it.effect("is not to be seen on a profile or a section", () =>
    Effect.gen(function* () {
      const profile = yield* Profile.withPasswords([[inbox.entryId, Redacted.make("s3same")]])
      const sections = yield* profile.sectionsOf(DLL)
      assert.strictEqual(sections.length, 1)
      for (const thing of [profile, sections]) {
        assert.notInclude(inspect(thing, { depth: 20, showHidden: true }), "s3same")
        assert.notInclude(JSON.stringify(thing), "s3same")
      }
    })
  )
})

describe("scrubbing", () => {
  const knowing = Effect.fnUntraced(function* (passwords: ReadonlyArray<string>) {
    const profile = yield* Profile.make()
    yield* Effect.forEach(passwords, (password) => profile.setPassword(inbox.entryId, Redacted.make(password)))
    return profile
  })

  it.effect("takes out every password that the profile ever had, by whichever way it came", () =>
    Effect.gen(function* () {
      const profile = yield* knowing(["first", "second"])
      const [section] = yield* profile.sectionsOf(DLL)
      yield* section?.setPassword(Redacted.make("third")) ?? Effect.die("there is none")
      assert.strictEqual(
        profile.scrub("first, firstsecond, thi rd and third"),
        "<redacted>, <redacted><redacted>, thi rd and <redacted>"
      )
    })
  )

  it.effect("takes out the whole of a password that contains another", () =>
    Effect.gen(function* () {
      const profile = yield* knowing(["123", "123456"])
      assert.strictEqual(profile.scrub("123456 is not 123"), "<redacted> is not <redacted>")
    })
  )

  it.effect("a password that is part of the mark leaves the marks as they are", () =>
    Effect.gen(function* () {
      const profile = yield* knowing(["a", "red"])
      assert.strictEqual(profile.scrub("a letter, red"), "<redacted> letter, <redacted>")
    })
  )

  it.effect("an empty password is in every text, and takes nothing out", () =>
    Effect.gen(function* () {
      const profile = yield* knowing(["", "$&"])
      assert.strictEqual(profile.scrub("no $& here"), "no <redacted> here")
    })
  )

  it.effect("another profile's passwords are not its business", () =>
    Effect.gen(function* () {
      yield* knowing(["s3same"])
      assert.strictEqual((yield* knowing(["other"])).scrub("s3same"), "s3same")
    })
  )

  const Password = Schema.String.check(Schema.isPattern(/^[0-3]{1,4}$/))
  const Text = Schema.String.check(Schema.isPattern(/^[0-3 ]{0,40}$/))
  it.effect.prop(
    "leaves no password in any text, and everything else",
    [Schema.Array(Password), Text],
    ([passwords, text]) =>
      Effect.gen(function* () {
        const clean = (yield* knowing(passwords)).scrub(text)
        for (const password of passwords) assert.notInclude(clean, password)
        const rest = clean.split("<redacted>")
        rest.reduce((at, piece) => {
          const found = text.indexOf(piece, at)
          assert.isAtLeast(found, at)
          return found + piece.length
        }, 0)
        if (passwords.length === 0) assert.strictEqual(clean, text)
      })
  )
})
