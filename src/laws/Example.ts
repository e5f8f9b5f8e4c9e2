/**
 * Small logs, written as trees: for the examples that each law carries.
 *
 * A call with what happens inside it becomes its two events. Who calls whom, and which step of the page it is, follows from
 * its name, as in a real log.
 */
import * as Result from "effect/Result"
import { type Event, isFailure, type RefChange } from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import type { Step } from "../MapiError.ts"

/** A call, and what happens inside it. */
export interface Call extends Partial<Omit<Event, "seq" | "callId" | "within" | "step" | "phase">> {
  readonly call: string
  readonly inside?: ReadonlyArray<Call>
}

/** The wrapped id that a client has, and the private one that is inside. */
export const id = (() => {
  const unwrapped = Result.getOrThrow(EntryId.makePrivate(Uint8Array.from({ length: 24 }, (_, n) => (n < 4 ? 0 : n))))
  const wrapped = Result.getOrThrow(EntryId.wrap("DEMO.DLL", unwrapped))
  return { wrapped: EntryId.toHex(wrapped), unwrapped: EntryId.toHex(unwrapped) }
})()

/** What a call did to the count of one object. */
export const counted = (object: string, holder: string, count: number, total: number): ReadonlyArray<RefChange> => [
  { object, holder, count, total }
]

const parties = (call: string): readonly [from: string, to: string] => {
  if (call.startsWith("IMAPISession::")) return ["client", "MAPI"]
  if (call.startsWith("IMAPISupport::")) return ["provider", "MAPI"]
  if (call.startsWith("IMsgStore::")) return ["client", "provider"]
  if (call === "IMSProvider::SpoolerLogon") return ["spooler", "provider"]
  if (/entry id$/.test(call)) return ["MAPI", "spooler"]
  if (/^(new IMAPISupport|remove |MAPIFreeBuffer)/.test(call)) return ["MAPI", "MAPI"]
  return call.startsWith("new ")
    ? ["provider", "provider"]
    : ["MAPI", call.startsWith("hand over ") ? "client" : "provider"]
}

/** The steps of the page that a call and its return are; a call that failed does not get to the next. */
const steps = (call: string, failed: boolean): readonly [Step | null, Step | null] => {
  switch (call) {
    case "IMAPISession::OpenMsgStore":
      return [1, failed ? null : 7]
    case "LoadLibrary":
      return [2, 2]
    case "MSProviderInit":
      return [2, 3]
    case "IMSProvider::Logon":
      return [4, failed ? 4 : 5]
    case "IMAPISupport::AddRef":
      return [5, 5]
    case "give entry id":
      return [6, 6]
    case "IMSProvider::SpoolerLogon":
      return [8, failed ? 8 : 9]
    default:
      return [null, null]
  }
}

/** The log of these calls, one after the other. */
export const log = (...calls: ReadonlyArray<Call>): ReadonlyArray<Event> => {
  const events: Array<Event> = []
  let made = 0
  const tell = (node: Call, within: number | null): void => {
    const { inside = [], refs = [], result = "S_OK", returned = [], error, note, ...rest } = node
    const [from, to] = parties(node.call)
    const [step, returnStep] = steps(node.call, isFailure(result))
    const session = /^(Load|Free)Library$/.test(node.call) ? null : "IMAPISession#1"
    const half = { session, callId: ++made, within, from, to, object: null, ...rest }
    events.push({ seq: events.length + 1, ...half, step, phase: "call", returned: [], refs })
    for (const call of inside) tell(call, half.callId)
    const told = { ...(error === undefined ? {} : { error }), ...(note === undefined ? {} : { note }) }
    events.push({
      seq: events.length + 1,
      ...half,
      step: returnStep,
      phase: "return",
      returned,
      refs: [],
      result,
      ...told
    })
  }
  for (const call of calls) tell(call, null)
  return events
}
