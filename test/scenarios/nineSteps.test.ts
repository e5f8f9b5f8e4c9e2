import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { play, story } from "../support/scene.ts"

describe("the nine steps of the seed page", () => {
  it.effect("a store opens, the spooler logs on, the client closes: every call, in order", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* session.spoolerIdle
        })
      )
      assert.deepStrictEqual(story(events), [
        "1 client >IMAPISession::OpenMsgStore IMAPISession#1",
        "2 MAPI LoadLibrary MEMORY.DLL",
        "2 MAPI >MSProviderInit MEMORY.DLL",
        "3 provider new IMSProvider IMSProvider#1 (MAPI 1, all 1) = IMSProvider#1",
        "3 MAPI <MSProviderInit MEMORY.DLL = IMSProvider#1",
        "· MAPI new IMAPISupport IMAPISupport#1 (MAPI 1, all 1) = IMAPISupport#1",
        "4 MAPI >IMSProvider::Logon IMSProvider#1",
        "· provider IMAPISupport::OpenProfileSection IMAPISupport#1",
        "5 provider IMAPISupport::AddRef IMAPISupport#1 (provider 1, all 2)",
        "· provider IMAPISupport::WrapStoreEntryID IMAPISupport#1",
        "· provider IMAPISupport::SetProviderUID IMAPISupport#1",
        "· provider IMAPISupport::ModifyProfile IMAPISupport#1",
        "· provider IMAPISupport::ModifyStatusRow IMAPISupport#1",
        "5 provider new IMSLogon IMSLogon#1 (MAPI 1, all 1) = IMSLogon#1",
        "5 provider new IMsgStore IMsgStore#1 (MAPI 1, all 1) = IMsgStore#1",
        "5 MAPI <IMSProvider::Logon IMSProvider#1 = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 1)",
        "6 MAPI give entry id Ticket#1",
        "· MAPI hand over reference IMsgStore#1 (MAPI 0, all 1) (client 1, all 1)",
        "7 client <IMAPISession::OpenMsgStore IMAPISession#1 = IMsgStore#1",
        "· MAPI new IMAPISupport IMAPISupport#2 (MAPI 1, all 1) = IMAPISupport#2",
        "8 spooler >IMSProvider::SpoolerLogon IMSProvider#1 [MDB_NO_DIALOG]",
        "· provider IMsgStore::AddRef IMsgStore#1 (spooler 1, all 2)",
        "· provider IMSLogon::AddRef IMSLogon#1 (spooler 1, all 2)",
        "9 spooler <IMSProvider::SpoolerLogon IMSProvider#1 [MDB_NO_DIALOG] = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#2 (MAPI 0, all 0)",
        "· client >IMsgStore::Release IMsgStore#1 (client 0, all 1)",
        "· provider >IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· spooler IMSLogon::Release IMSLogon#1 (spooler 0, all 1)",
        "· spooler >IMsgStore::Release IMsgStore#1 (spooler 0, all 0)",
        "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
        "· MAPI remove MAPIUIDs IMAPISupport#1",
        "· MAPI remove status row IMAPISupport#1",
        "· MAPI IMSLogon::Logoff IMSLogon#1",
        "· MAPI IMSLogon::Release IMSLogon#1 (MAPI 0, all 0)",
        "· provider <IMAPISupport::Release IMAPISupport#1",
        "· spooler <IMsgStore::Release IMsgStore#1",
        "· provider <IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· client <IMsgStore::Release IMsgStore#1",
        "· client >IMAPISession::Logoff IMAPISession#1",
        "· MAPI IMSProvider::Shutdown IMSProvider#1",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "· client <IMAPISession::Logoff IMAPISession#1",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )

  it.effect("each of the nine steps is an event that carries its number, in the page's order", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) => Effect.andThen(open("Inbox"), session.spoolerIdle))
      const steps = events.flatMap(({ call, phase, step }) =>
        step === null || call.startsWith("new ") || call.endsWith("::AddRef") || call === "LoadLibrary"
          ? []
          : [`${step} ${call} ${phase}`]
      )
      assert.deepStrictEqual(steps, [
        "1 IMAPISession::OpenMsgStore call",
        "2 MSProviderInit call",
        "3 MSProviderInit return",
        "4 IMSProvider::Logon call",
        "5 IMSProvider::Logon return",
        "6 give entry id call",
        "6 give entry id return",
        "7 IMAPISession::OpenMsgStore return",
        "8 IMSProvider::SpoolerLogon call",
        "9 IMSProvider::SpoolerLogon return"
      ])
    })
  )

  it.effect("the pair of step 9 is that of step 5: nothing has a note", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) => Effect.andThen(open("Inbox"), session.spoolerIdle))
      assert.deepStrictEqual(
        events.flatMap(({ note }) => note ?? []),
        []
      )
    })
  )

  it.effect("providers see private ids, clients wrapped ones", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) => Effect.andThen(open("Inbox"), session.spoolerIdle))
      const ids = events.flatMap(({ call, entryId, phase, to }) =>
        entryId === undefined || phase === "return"
          ? []
          : [{ call, to, wrapped: entryId.startsWith("0000000038a1bb10") }]
      )
      assert.deepStrictEqual(ids, [
        { call: "IMAPISession::OpenMsgStore", to: "MAPI", wrapped: true },
        { call: "IMSProvider::Logon", to: "provider", wrapped: false },
        { call: "give entry id", to: "spooler", wrapped: true },
        { call: "IMSProvider::SpoolerLogon", to: "provider", wrapped: false }
      ])
    })
  )
})
