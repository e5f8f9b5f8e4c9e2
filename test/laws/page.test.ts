/** The page, and thirty ways of not keeping to it: what each is told, to somebody who has only the page. */
import { assert, describe, it } from "@effect/vitest"
import type { CallLog } from "../../src/index.ts"
import { brokenIn, verdictsOn } from "./judged.ts"
import { page } from "./page.ts"

type Events = ReadonlyArray<CallLog.Event>
type Mutation = (events: Events) => Events

/** The halves of the nth call of this name. */
const halves = (events: Events, call: string, n = 0): Events => {
  const callId = events.filter((event) => event.call === call && event.phase === "call")[n]?.callId
  return events.filter((event) => event.callId === callId)
}

/** A call that was not made; what happened inside it did. */
const drop =
  (call: string, n?: number): Mutation =>
  (events) => {
    const gone = halves(events, call, n)
    return events.filter((event) => !gone.includes(event))
  }

/** A call that was made twice: the second is like the first, and comes right after it. */
const double =
  (call: string, n?: number): Mutation =>
  (events) => {
    const both = halves(events, call, n)
    const again = both.map((event) => ({ ...event, callId: 1000 + event.callId }))
    return events.toSpliced(events.findLastIndex((event) => both.includes(event)) + 1, 0, ...again)
  }

/** A call that was made elsewhere: right before the nth of another name. */
const move =
  (call: string, before: string, n?: number): Mutation =>
  (events) => {
    const moved = halves(events, call)
    const rest = events.filter((event) => !moved.includes(event))
    const within = halves(rest, before, n)[0]?.within ?? null
    return rest.toSpliced(
      rest.findIndex((event) => halves(rest, before, n).includes(event)),
      0,
      ...moved.map((event) => ({ ...event, within }))
    )
  }

/** A call that says something else. */
const say =
  (call: string, change: Partial<CallLog.Event>, phase: CallLog.Event["phase"] = "return", n?: number): Mutation =>
  (events) => {
    const both = halves(events, call, n)
    return events.map((event) => (both.includes(event) && event.phase === phase ? { ...event, ...change } : event))
  }

/** A log numbers its events as they come. */
const numbered = (events: Events): Events => events.map((event, at) => ({ ...event, seq: at + 1 }))

const mutations: ReadonlyArray<readonly [string, Mutation, ReadonlyArray<string>]> = [
  [
    "2: MSProviderInit is not called",
    drop("MSProviderInit"),
    [
      "NoShutdownUnlessReady of IMSProvider#1, at 52 IMSProvider::Shutdown call: expected no Shutdown of an IMSProvider that no MSProviderInit has returned",
      "LogonBetween of IMSProvider#1, at 8 IMSProvider::Logon call: expected MSProviderInit to have returned IMSProvider#1 before it is called"
    ]
  ],
  [
    "2: MSProviderInit is called twice",
    double("MSProviderInit"),
    [
      "OneInit of DEMO.DLL in IMAPISession#1, at 8 MSProviderInit call: expected the IMSProvider that the session already has for this DLL, and no second MSProviderInit",
      "OwnProvider of IMSProvider#1, at 9 MSProviderInit return: expected an IMSProvider of its own: IMSProvider#1 is what an earlier MSProviderInit returned"
    ]
  ],
  [
    "2: the DLL is not loaded",
    drop("LoadLibrary"),
    [
      "LoadsBalanced of DEMO.DLL, at 57 FreeLibrary call: expected FreeLibrary only of a DLL that is loaded, once for its LoadLibrary; DEMO.DLL is not"
    ]
  ],
  [
    "3: MSProviderInit returns nothing",
    say("MSProviderInit", { returned: [] }),
    [
      "NoShutdownUnlessReady of IMSProvider#1, at 54 IMSProvider::Shutdown call: expected no Shutdown of an IMSProvider that no MSProviderInit has returned",
      "LogonBetween of IMSProvider#1, at 10 IMSProvider::Logon call: expected MSProviderInit to have returned IMSProvider#1 before it is called"
    ]
  ],
  [
    "4: Logon comes before MSProviderInit",
    move("MSProviderInit", "give entry id"),
    [
      "PageOrder of call 1, at 18 MSProviderInit call: expected MSProviderInit (2, 3) before Logon (4, 5), and not after it",
      "LogonBetween of IMSProvider#1, at 8 IMSProvider::Logon call: expected MSProviderInit to have returned IMSProvider#1 before it is called"
    ]
  ],
  [
    "4: Logon is given the id as the client has it",
    say("IMSProvider::Logon", { entryId: page[0]?.entryId ?? "" }, "call"),
    [
      "UnwrappedId of call 1, at 10 IMSProvider::Logon call: expected the private id inside the client's id: 000000000405060708090a0b0c0d0e0f1011121314151617",
      "PrivateIds of call 6, at 10 IMSProvider::Logon call: expected a private id, not a wrapped one"
    ]
  ],
  [
    "5: Logon does not AddRef its support object",
    drop("IMAPISupport::AddRef"),
    [
      "NetAddRef of logon 6, at 15 IMSProvider::Logon return: expected 1 reference of the provider on IMAPISupport#1, for a new logon; it has 0",
      "Counts of IMAPISupport#1, at 16 IMAPISupport::Release call: expected 0 references on IMAPISupport#1 in all, not 1: so its counts add up"
    ]
  ],
  [
    "5: Logon AddRefs its support object twice",
    double("IMAPISupport::AddRef"),
    [
      "NetAddRef of logon 6, at 19 IMSProvider::Logon return: expected 1 reference of the provider on IMAPISupport#1, for a new logon; it has 2",
      "Counts of IMAPISupport#1, at 17 IMAPISupport::AddRef call: expected the count of provider on IMAPISupport#1 to go from 1 to 2, not to 1"
    ]
  ],
  [
    "5: Logon returns no IMSLogon",
    say("IMSProvider::Logon", { returned: ["IMsgStore#1"] }),
    [
      "BothObjects of logon 6, at 17 IMSProvider::Logon return: expected an IMSLogon and an IMsgStore, both made in this Logon; it made IMSLogon#1, IMsgStore#1"
    ]
  ],
  [
    "5: Logon fails, and the client gets the store",
    say("IMSProvider::Logon", { result: "MAPI_E_LOGON_FAILED", step: 4 }),
    [
      "PageOrder of call 1, at 20 give entry id call: expected giving the entry id to the spooler (6) only after a Logon of this open that succeeded (5)",
      "Disabled of DEMO.DLL in IMAPISession#1, at 27 IMSProvider::SpoolerLogon call: expected no IMSProvider::SpoolerLogon in this session: an earlier Logon of this provider failed for good",
      "BothObjects of logon 6, at 17 IMSProvider::Logon return: expected a Logon that fails to return no object",
      "NetAddRef of logon 6, at 17 IMSProvider::Logon return: expected 0 reference of the provider on IMAPISupport#1, for a Logon that failed; it has 1",
      "StoreFromSuccess of call 1, at 24 IMAPISession::OpenMsgStore return: expected no store for the client from a Logon that failed: MAPI_E_LOGON_FAILED",
      "SpoolerBeforeClient of logon 6, at 20 give entry id call: expected the spooler to be told (6) after the Logon of an open (5) and before the client has its store (7)"
    ]
  ],
  [
    "6: the spooler is not told",
    drop("give entry id"),
    [
      "Gate of logon 6, at 22 IMAPISession::OpenMsgStore return: expected the spooler to be told of the store: neither MAPI_NO_MAIL nor MDB_NO_MAIL is set",
      "TicketEnds of Ticket#1, at 25 IMSProvider::SpoolerLogon call: expected Ticket#1 to be given to the spooler (6) before"
    ]
  ],
  [
    "6: the spooler is told twice",
    double("give entry id"),
    [
      "Gate of logon 6, at 22 give entry id call: expected the spooler to be told once per open store; it was told already",
      "TicketEnds of Ticket#1, at 22 give entry id call: expected a ticket of its own: Ticket#1 was given before"
    ]
  ],
  [
    "6: the spooler is told although MDB_NO_MAIL was set in step 1",
    say("IMAPISession::OpenMsgStore", { flags: ["MDB_NO_MAIL"] }),
    [
      "Gate of logon 6, at 24 IMAPISession::OpenMsgStore return: expected the spooler not to be told: the client has set MDB_NO_MAIL"
    ]
  ],
  [
    "6: the spooler is told although the client had logged on with MAPI_NO_MAIL",
    say("IMAPISession::OpenMsgStore", { logonFlags: ["MAPI_NO_MAIL"] }),
    [
      "Gate of logon 6, at 24 IMAPISession::OpenMsgStore return: expected the spooler not to be told: the client has set MAPI_NO_MAIL"
    ]
  ],
  [
    "6: the spooler is told although MDB_NO_MAIL was set",
    say("give entry id", { flags: ["MDB_NO_MAIL"] }, "call"),
    ["Gate of logon 6, at 20 give entry id call: expected the spooler not to be told: the client has set MDB_NO_MAIL"]
  ],
  [
    "7: the client gets another store",
    say("IMAPISession::OpenMsgStore", { returned: ["IMsgStore#2"] }),
    [
      "StoreFromSuccess of call 1, at 24 IMAPISession::OpenMsgStore return: expected the store that Logon returned, and it alone: IMsgStore#1"
    ]
  ],
  [
    "7: the client gets an error",
    say("IMAPISession::OpenMsgStore", { returned: [], result: "MAPI_E_CALL_FAILED", step: null }),
    [
      "SuccessIsTold of call 1, at 24 IMAPISession::OpenMsgStore return: expected a success, since Logon succeeded; a warning is a success"
    ]
  ],
  [
    "8: SpoolerLogon is not called",
    drop("IMSProvider::SpoolerLogon"),
    ["TicketEnds of Ticket#1, at 20 give entry id call: expected Ticket#1 to end, in SpoolerLogon or withdrawn"]
  ],
  [
    "8: SpoolerLogon comes before 6",
    move("IMSProvider::SpoolerLogon", "give entry id"),
    [
      "TicketEnds of Ticket#1, at 20 IMSProvider::SpoolerLogon call: expected Ticket#1 to be given to the spooler (6) before"
    ]
  ],
  [
    "9: SpoolerLogon returns another store",
    say("IMSProvider::SpoolerLogon", { returned: ["IMSLogon#1", "IMsgStore#2"] }),
    [
      "SamePair of logon 6, at 32 IMSProvider::SpoolerLogon return: expected IMSLogon#1 and IMsgStore#1, as Logon returned them in step 5",
      "FreeLibraryLast of IMsgStore#2, at 59 FreeLibrary call: expected the last Release of IMsgStore#2 to have returned before FreeLibrary"
    ]
  ],
  [
    "the client does not release its store",
    drop("IMsgStore::Release"),
    [
      "Counts of IMsgStore#1, at 38 IMsgStore::Release call: expected 1 references on IMsgStore#1 in all, not 0: so its counts add up"
    ]
  ],
  [
    "the client releases its store twice",
    double("IMsgStore::Release"),
    [
      "Counts of IMsgStore#1, at 53 IMsgStore::Release call: expected client to have the reference on IMsgStore#1 that it gives up"
    ]
  ],
  [
    "the transports are logged off twice",
    double("IMAPISupport::StoreLogoffTransports"),
    [
      "TransportsOnce of logon 6, at 42 IMAPISupport::StoreLogoffTransports call: expected StoreLogoffTransports once for each open store; it has been called already"
    ]
  ],
  [
    "IMSLogon::Logoff is not called",
    drop("IMSLogon::Logoff"),
    [
      "LogoffFirst of logon 6, at 47 IMSLogon::Release call: expected IMSLogon::Logoff of IMSLogon#1 to have returned before MAPI's last Release of it",
      "StoreWithinSession of logon 6, at 17 IMSProvider::Logon return: expected IMSLogon::Logoff, and the last Release of IMAPISupport#1, in the end"
    ]
  ],
  [
    "the MAPIUIDs are removed last",
    move("remove MAPIUIDs", "IMAPISession::Logoff"),
    [
      "DeadObjects of IMAPISupport#1, at 51 remove MAPIUIDs call: expected no call but AddRef and Release on an object that is dead"
    ]
  ],
  [
    "the support object is not released",
    drop("IMAPISupport::Release", 2),
    [
      "AllReleased of IMAPISupport#1, at 18 IMAPISupport::Release call: expected a Release for each reference on IMAPISupport#1; in the end it has 1",
      "Teardown of logon 6, at 42 remove MAPIUIDs call: expected remove MAPIUIDs only inside the last Release of the support object"
    ]
  ],
  [
    "Shutdown is not called",
    drop("IMSProvider::Shutdown"),
    [
      "ShutdownOnce of IMSProvider#1, at 54 IMSProvider::Release call: expected Shutdown of IMSProvider#1 to have returned before MAPI's last Release of it"
    ]
  ],
  [
    "Shutdown comes before the close",
    move("IMSProvider::Shutdown", "IMsgStore::Release"),
    [
      "ShutdownLast of logon 6, at 35 IMSProvider::Shutdown call: expected IMSLogon#1 to have been released before Shutdown"
    ]
  ],
  [
    "the DLL is not freed",
    drop("FreeLibrary"),
    ["LoadsBalanced of DEMO.DLL, at 3 LoadLibrary return: expected FreeLibrary of DEMO.DLL in the end"]
  ],
  [
    "the DLL is freed before the session ends",
    move("FreeLibrary", "IMAPISession::Logoff"),
    [
      "FreeLibraryLast of IMSProvider#1, at 53 FreeLibrary call: expected the last Release of IMSProvider#1 to have returned before FreeLibrary"
    ]
  ]
]

describe("the page, written down by hand", () => {
  it("holds, by every law", () => {
    assert.deepStrictEqual(
      verdictsOn(page)
        .map(({ _tag, law }) => `${law.name} ${_tag}`)
        .filter((line) => !line.endsWith("Holds")),
      []
    )
    assert.deepStrictEqual(brokenIn(page), [])
  })

  it.each(mutations)("%s", (_, mutate, said) => {
    assert.deepStrictEqual(brokenIn(numbered(mutate(page))), said)
  })
})
