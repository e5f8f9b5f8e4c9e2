/** What the laws about the close ask of an event, and the calls of a close for their examples. */
import type { Event } from "../CallLog.ts"
import * as Example from "./Example.ts"

/** Is it a half of the Logon or SpoolerLogon that the subject is named for? */
export const isOwn = (event: Event, subject: string): boolean => subject === `logon ${event.callId}`

/** The support object that a Logon is given. */
export const supportOf = ({ passed = [] }: Event): string | null =>
  passed.find((it) => it.startsWith("IMAPISupport#")) ?? null

/** Why nothing can be said of a support object. */
export const untold = "a Logon does not say which support object it was given"

const takes = (event: Event, kind: string, last: "count" | "total"): boolean =>
  event.call === `${kind}::Release` && event.refs.some((change) => change.object === event.object && change[last] <= 0)

/** Is it the Release that takes the last reference on its object? */
export const isLastRelease = (event: Event, kind: string): boolean => takes(event, kind, "total")

/** Is it the Release that takes the last of MAPI's references on its object? Others may have theirs. */
export const isMapisLast = (event: Event, kind: string): boolean => event.from === "MAPI" && takes(event, kind, "count")

const [support, logonObject, store] = ["IMAPISupport#1", "IMSLogon#1", "IMsgStore#1"]

/** A new logon. */
export const logon: Example.Call = {
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  passed: [support],
  inside: [
    { call: "new IMSLogon", object: logonObject, refs: Example.counted(logonObject, "MAPI", 1, 1) },
    { call: "new IMsgStore", object: store },
    { call: "IMAPISupport::AddRef", object: support }
  ],
  returned: [logonObject, store]
}

export const transports: Example.Call = {
  call: "IMAPISupport::StoreLogoffTransports",
  object: support,
  flags: ["LOGOFF_ABORT"]
}

/** The last Release of the support object. */
export const lastRelease = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISupport::Release",
  object: support,
  refs: Example.counted(support, "provider", 0, 0),
  inside
})

export const remove = (what: "MAPIUIDs" | "status row"): Example.Call => ({ call: `remove ${what}`, object: support })

export const logoff: Example.Call = { call: "IMSLogon::Logoff", object: logonObject }

/** MAPI's last Release of the logon object. */
export const logonRelease: Example.Call = {
  call: "IMSLogon::Release",
  object: logonObject,
  from: "MAPI",
  refs: Example.counted(logonObject, "MAPI", 0, 0)
}

const provider = "IMSProvider#1"

/** A provider object comes, and goes. */
export const init: Example.Call = { call: "MSProviderInit", dll: "DEMO.DLL", returned: [provider] }

export const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: provider }

export const providerRelease: Example.Call = {
  call: "IMSProvider::Release",
  object: provider,
  from: "MAPI",
  refs: Example.counted(provider, "MAPI", 0, 0)
}
