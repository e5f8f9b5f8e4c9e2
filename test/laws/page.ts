/**
 * A call log written by hand: the page's sentences, one after the other, and the close that the reference tells.
 *
 * Nothing of it was recorded. Whoever has only the page can follow it.
 */
import type { CallLog } from "../../src/index.ts"
import * as Example from "../../src/laws/Example.ts"

const { counted, id } = Example
const [session, provider, logon, store, ticket] = [
  "IMAPISession#1",
  "IMSProvider#1",
  "IMSLogon#1",
  "IMsgStore#1",
  "Ticket#1"
]
const [support, spoolers] = ["IMAPISupport#1", "IMAPISupport#2"]
const dll = "DEMO.DLL"

const calls: ReadonlyArray<Example.Call> = [
  {
    // 1. The client calls IMAPISession::OpenMsgStore.
    call: "IMAPISession::OpenMsgStore",
    object: session,
    entryId: id.wrapped,
    flags: [],
    logonFlags: [],
    inside: [
      // 2. If the message store is not already open, MAPI loads the store provider's DLL and calls MSProviderInit.
      { call: "LoadLibrary", dll },
      {
        call: "MSProviderInit",
        dll,
        flags: [],
        // 3. MSProviderInit creates and returns an IMSProvider object.
        inside: [{ call: "new IMSProvider", object: provider, refs: counted(provider, "MAPI", 1, 1) }],
        returned: [provider]
      },
      { call: "new IMAPISupport", object: support, refs: counted(support, "MAPI", 1, 1) },
      {
        // 4. MAPI calls IMSProvider::Logon, passing the entry identifier of the message store.
        call: "IMSProvider::Logon",
        object: provider,
        dll,
        passed: [support],
        entryId: id.unwrapped,
        flags: [],
        inside: [
          // 5. Logon creates an IMSLogon and an IMsgStore interface, and calls AddRef on its IMAPISupport interface.
          { call: "new IMSLogon", object: logon, refs: counted(logon, "MAPI", 1, 1) },
          { call: "new IMsgStore", object: store, refs: counted(store, "MAPI", 1, 1) },
          { call: "IMAPISupport::AddRef", object: support, refs: counted(support, "provider", 1, 2) }
        ],
        returned: [logon, store]
      },
      {
        call: "IMAPISupport::Release",
        from: "MAPI",
        to: "MAPI",
        object: support,
        refs: counted(support, "MAPI", 0, 1)
      },
      // 6. Neither MAPI_NO_MAIL nor MDB_NO_MAIL was set: MAPI gives the entry identifier to the MAPI spooler.
      { call: "give entry id", object: ticket, passed: [store], entryId: id.wrapped, flags: [], logonFlags: [] },
      {
        call: "hand over reference",
        object: store,
        refs: [...counted(store, "MAPI", 0, 1), ...counted(store, "client", 1, 1)]
      }
    ],
    // 7. MAPI returns the IMsgStore interface to the client.
    returned: [store]
  },
  { call: "new IMAPISupport", object: spoolers, refs: counted(spoolers, "MAPI", 1, 1) },
  {
    // 8. The spooler calls IMSProvider::SpoolerLogon.
    call: "IMSProvider::SpoolerLogon",
    object: provider,
    dll,
    passed: [spoolers, ticket],
    entryId: id.unwrapped,
    flags: ["MDB_NO_DIALOG"],
    inside: [
      { call: "IMSLogon::AddRef", from: "provider", object: logon, refs: counted(logon, "spooler", 1, 2) },
      { call: "IMsgStore::AddRef", from: "provider", object: store, refs: counted(store, "spooler", 1, 2) }
    ],
    // 9. SpoolerLogon returns the same IMSLogon and IMsgStore interfaces from step 5.
    returned: [logon, store]
  },
  { call: "IMAPISupport::Release", from: "MAPI", to: "MAPI", object: spoolers, refs: counted(spoolers, "MAPI", 0, 0) },
  {
    // The close: the client releases the store, its last reference but the spooler's.
    call: "IMsgStore::Release",
    object: store,
    refs: counted(store, "client", 0, 1),
    inside: [
      {
        call: "IMAPISupport::StoreLogoffTransports",
        object: support,
        flags: ["LOGOFF_ABORT"],
        inside: [
          { call: "IMSLogon::Release", from: "spooler", object: logon, refs: counted(logon, "spooler", 0, 1) },
          { call: "IMsgStore::Release", from: "spooler", object: store, refs: counted(store, "spooler", 0, 0) }
        ]
      },
      {
        // The provider's last act, inside which MAPI learns that the store is gone.
        call: "IMAPISupport::Release",
        object: support,
        refs: counted(support, "provider", 0, 0),
        inside: [
          { call: "remove MAPIUIDs", object: support },
          { call: "remove status row", object: support },
          { call: "IMSLogon::Logoff", object: logon },
          { call: "IMSLogon::Release", from: "MAPI", object: logon, refs: counted(logon, "MAPI", 0, 0) }
        ]
      }
    ]
  },
  {
    call: "IMAPISession::Logoff",
    object: session,
    inside: [
      { call: "IMSProvider::Shutdown", object: provider, dll },
      { call: "IMSProvider::Release", from: "MAPI", object: provider, refs: counted(provider, "MAPI", 0, 0) }
    ]
  },
  { call: "FreeLibrary", dll }
]

/** The log. */
export const page: ReadonlyArray<CallLog.Event> = Example.log(...calls)
