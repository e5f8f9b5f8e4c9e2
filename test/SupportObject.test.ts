import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as CallLog from "../src/CallLog.ts"
import * as EntryId from "../src/EntryId.ts"
import * as Profile from "../src/Profile.ts"
import * as RefCounted from "../src/RefCounted.ts"
import { type Hooks, type Support, SupportObject } from "../src/SupportObject.ts"
import { story } from "./support/scene.ts"

const privateId = Result.getOrThrow(EntryId.makePrivate(Uint8Array.of(...new Uint8Array(20), 0x42)))

/** Makes a support object, lets a provider play with it, and answers what came of it and what was recorded. */
const played = <A, E>(
  hooks: Partial<Hooks>,
  play: (support: Support, section: Profile.Section) => Effect.Effect<A, E, SupportObject>
) =>
  Effect.gen(function* () {
    const { events, recorder } = CallLog.makeRecorder()
    const section = yield* Effect.flatMap(Profile.make(), (profile) => profile.addSection("DEMO.DLL", privateId, {}))
    const program = Effect.gen(function* () {
      const supports = yield* SupportObject
      const support = yield* supports.make({
        dllFileName: "demo.dll",
        section,
        temporary: false,
        storeLogoffTransports: () => Effect.succeed(["LOGOFF_COMPLETE"]),
        lastRelease: CallLog.call({ call: "last release", from: "MAPI", to: "MAPI" }, Effect.void),
        ...hooks
      })
      return yield* play(support, section)
    }).pipe(Effect.provide(SupportObject.layer), Effect.provideService(CallLog.CallLog, recorder))
    const answer = yield* program
    return { answer, lines: story(yield* events), events: yield* events }
  })

const register = (support: Support) =>
  Effect.gen(function* () {
    yield* support.setProviderUid(Uint8Array.of(1))
    yield* support.setProviderUid(Uint8Array.of(1)) // duplicates are accepted
    yield* support.modifyStatusRow({ PR_DISPLAY_NAME: "Inbox" })
  })

describe("a support object", () => {
  it.effect(
    "of a new logon lives until the provider releases it: MAPIUIDs, status row, then the end of the logon",
    () =>
      Effect.gen(function* () {
        const { answer, lines } = yield* played({}, (support) =>
          Effect.gen(function* () {
            yield* support.addRef
            yield* register(support)
            yield* support.drop
            const before = yield* support.refs.count
            yield* support.release
            return [before, yield* support.refs.count, support.id]
          })
        )
        assert.deepStrictEqual(answer, [1, 0, "IMAPISupport#1"])
        assert.deepStrictEqual(lines, [
          "· MAPI new IMAPISupport IMAPISupport#1 (MAPI 1, all 1) = IMAPISupport#1",
          "5 provider IMAPISupport::AddRef IMAPISupport#1 (provider 1, all 2)",
          "· provider IMAPISupport::SetProviderUID IMAPISupport#1",
          "· provider IMAPISupport::SetProviderUID IMAPISupport#1",
          "· provider IMAPISupport::ModifyStatusRow IMAPISupport#1",
          "· MAPI IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 1)",
          "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
          "· MAPI remove MAPIUIDs IMAPISupport#1",
          "· MAPI remove status row IMAPISupport#1",
          "· MAPI last release",
          "· provider <IMAPISupport::Release IMAPISupport#1"
        ])
      })
  )

  it.effect("of a repeat dies when MAPI drops it, with nothing to take back", () =>
    Effect.gen(function* () {
      const { lines } = yield* played({}, (support) => Effect.andThen(support.drop, support.drop))
      assert.deepStrictEqual(lines.slice(1), [
        "· MAPI >IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 0)",
        "· MAPI last release",
        "· MAPI <IMAPISupport::Release IMAPISupport#1",
        "· MAPI IMAPISupport::Release IMAPISupport#1 ! MAPI_E_INVALID_OBJECT"
      ])
    })
  )

  it.effect("is one a Logon: two have ids, references and registrations of their own", () =>
    Effect.gen(function* () {
      const { answer, lines } = yield* played({}, (one, section) =>
        Effect.gen(function* () {
          const other = yield* SupportObject.use(({ make }) =>
            make({
              dllFileName: "demo.dll",
              section,
              temporary: false,
              storeLogoffTransports: () => Effect.succeed([]),
              lastRelease: Effect.void
            })
          )
          yield* register(one)
          yield* other.drop
          return [one.id, other.id, yield* one.refs.count, yield* other.refs.count]
        })
      )
      assert.deepStrictEqual(answer, ["IMAPISupport#1", "IMAPISupport#2", 1, 0])
      assert.isFalse(lines.some((line) => line.includes("remove")))
    })
  )

  it.effect("a release too many is typed, and the end of the logon comes once", () =>
    Effect.gen(function* () {
      const { answer, lines } = yield* played({}, (support) =>
        Effect.gen(function* () {
          yield* support.addRef
          yield* support.drop
          yield* support.release
          return [(yield* Effect.flip(support.release))._tag, (yield* Effect.flip(support.addRef))._tag]
        })
      )
      assert.deepStrictEqual(answer, ["OverRelease", "InvalidObject"])
      assert.strictEqual(lines.filter((line) => line.includes("last release")).length, 1)
    })
  )

  it.effect("whose end fails is released all the same", () =>
    Effect.gen(function* () {
      const { answer, events } = yield* played({ lastRelease: Effect.die("boom") }, (support) =>
        Effect.andThen(support.addRef, Effect.andThen(support.drop, Effect.exit(support.release)))
      )
      assert.deepStrictEqual(answer, Exit.void)
      assert.strictEqual(events.at(-1)?.note, "the object failed on its way out")
    })
  )
})

describe("what a provider reaches MAPI with", () => {
  it.effect("its profile section, made permanent by ModifyProfile, but not with MDB_TEMPORARY", () =>
    Effect.gen(function* () {
      const modify = (support: Support, section: Profile.Section) =>
        Effect.gen(function* () {
          assert.strictEqual(yield* support.openProfileSection, section)
          yield* support.modifyProfile
          return yield* section.isPermanent
        })
      const lasting = yield* played({}, modify)
      const temporary = yield* played({ temporary: true }, modify)
      assert.deepStrictEqual([lasting.answer, temporary.answer], [true, false])
      assert.deepStrictEqual(temporary.lines.slice(1), [
        "· provider IMAPISupport::OpenProfileSection IMAPISupport#1",
        "· provider IMAPISupport::ModifyProfile IMAPISupport#1"
      ])
    })
  )

  it.effect("the wrapped form of its ids, under the DLL name that it was asked by", () =>
    Effect.gen(function* () {
      const { answer } = yield* played({}, (support) => support.wrapStoreEntryId(privateId))
      assert.deepStrictEqual(EntryId.unwrap(answer), Result.succeed({ dllFileName: "demo.dll", privateId }))
    })
  )

  it.effect("the transports, with its flag and their answer", () =>
    Effect.gen(function* () {
      const storeLogoffTransports: Hooks["storeLogoffTransports"] = (flag) =>
        Effect.succeed(flag === "LOGOFF_QUIET" ? ["LOGOFF_INBOUND", "LOGOFF_OUTBOUND"] : [])
      const { answer, lines } = yield* played({ storeLogoffTransports }, (support) =>
        support.storeLogoffTransports("LOGOFF_QUIET")
      )
      assert.deepStrictEqual(answer, ["LOGOFF_INBOUND", "LOGOFF_OUTBOUND"])
      assert.deepStrictEqual(lines.slice(1), [
        "· provider IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_QUIET]"
      ])
    })
  )

  it.effect("MakeInvalid, which says of what", () =>
    Effect.gen(function* () {
      const { answer, events } = yield* played({}, (support) =>
        Effect.gen(function* () {
          const folder = yield* RefCounted.make({ kind: "IMAPIFolder", owner: "provider", holder: "client" })
          yield* support.makeInvalid(folder)
          return [yield* folder.isValid, yield* folder.count]
        })
      )
      assert.deepStrictEqual(answer, [false, 1])
      const { call, passed } = events.at(-1) ?? {}
      assert.deepStrictEqual([call, passed], ["IMAPISupport::MakeInvalid", ["IMAPIFolder#1"]])
    })
  )
})
