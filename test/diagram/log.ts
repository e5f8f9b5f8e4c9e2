/** Call logs for tests, written short: each call is what it differs by from a plain one. */
import type { CallLog } from "../../src/index.ts"

type Told = Partial<CallLog.Event> & Pick<CallLog.Event, "call">

const plain: Omit<CallLog.Event, "seq" | "call" | "callId" | "phase"> = {
  session: "IMAPISession#1",
  within: null,
  step: null,
  from: "MAPI",
  to: "provider",
  object: null,
  returned: [],
  refs: []
}

const begin = (callId: number, told: Told): CallLog.Event => ({ seq: 0, ...plain, callId, phase: "call", ...told })

const end = (callId: number, told: Told): CallLog.Event => ({
  seq: 0,
  ...plain,
  callId,
  phase: "return",
  result: "S_OK",
  ...told
})

/** Calls by their number: `call`, `back` for the return, `both` for a call that makes none itself. */
export const log = (...events: ReadonlyArray<ReadonlyArray<CallLog.Event>>): ReadonlyArray<CallLog.Event> =>
  events.flat().map((event, n) => ({ ...event, seq: n + 1 }))

export const call = (callId: number, told: Told) => [begin(callId, told)]
export const back = (callId: number, told: Told) => [end(callId, told)]
export const both = (callId: number, told: Told, answer: Partial<CallLog.Event> = {}) => [
  begin(callId, told),
  end(callId, { ...told, refs: [], ...answer })
]

/** A reference for `holder`, `count` of its own and `total` in all. */
export const refs = (object: string, holder: string, count: number, total: number) => ({
  object,
  refs: [{ object, holder, count, total }]
})

const opening = { call: "IMAPISession::OpenMsgStore", from: "client", to: "MAPI", object: "IMAPISession#1" }
const logon = { call: "IMSProvider::Logon", object: "IMSProvider#1", within: 1 }
const toSupport = { from: "provider", to: "MAPI", within: 3 }
const wrong = { result: "MAPI_E_FAILONEPROVIDER", note: "the password is wrong" }

/** One open that works, as far as step 5. */
export const opened = log(
  call(1, { ...opening, step: 1 }),
  both(2, { call: "LoadLibrary", session: null, step: 2, dll: "DEMO.DLL" }),
  call(3, { ...logon, step: 4, flags: ["MDB_WRITE"] }),
  both(4, { call: "IMAPISupport::OpenProfileSection", object: "IMAPISupport#1", ...toSupport }),
  both(5, { call: "IMAPISupport::AddRef", step: 5, ...toSupport, ...refs("IMAPISupport#1", "provider", 1, 2) }),
  both(6, {
    call: "new IMsgStore",
    step: 5,
    ...toSupport,
    to: "provider",
    ...refs("IMsgStore#1", "MAPI", 1, 1)
  }),
  back(3, { ...logon, step: 5, returned: ["IMSLogon#1", "IMsgStore#1"] }),
  back(1, { ...opening, step: 7, returned: ["IMsgStore#1"] })
)

/** One that does not: the provider says why. */
export const refused = log(
  call(1, { ...opening, step: 1 }),
  both(3, { ...logon, step: 4 }, wrong),
  back(1, { ...opening, ...wrong })
)

/** Two clients at once: the second comes while the first is inside Logon. */
export const crossed = log(
  call(1, { ...opening, from: "client#1", step: 1 }),
  call(2, { ...logon, step: 4 }),
  call(3, { ...opening, from: "client#2", step: 1 }),
  both(4, { ...logon, within: 3, step: 4 }, { returned: ["IMsgStore#1"] }),
  back(2, { ...logon, step: 5 }),
  back(3, { ...opening, from: "client#2", step: 7 }),
  back(1, { ...opening, from: "client#1", step: 7 })
)
