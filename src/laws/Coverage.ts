/**
 * What the recorder of a log could see: a law that needs more is not judged.
 *
 * A recorder may say it (`sees`). Where it does not, a call is taken for seen if the log has it, or another that is made at
 * the same place: who records one call into a provider records them all, and a call that is missing then was not made.
 */
import { type Event, isFailure } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import { is } from "./Law.ts"

/** What a recorder can stand between, and the calls that cross there. */
const places: ReadonlyArray<{ readonly at: string; readonly calls: RegExp }> = [
  { at: "between client and MAPI", calls: /^IMAPISession::/ },
  { at: "between MAPI and provider", calls: /^(MSProviderInit|(IMSProvider|IMSLogon|IMAPISupport)::.*)$/ },
  { at: "between client and store", calls: /^(IMsgStore|IMAPIFolder|IMessage)::/ },
  {
    at: "inside MAPI",
    calls: /^(LoadLibrary|FreeLibrary|MAPIFreeBuffer|(give|withdraw) entry id|remove .*|hand over .*)$/
  },
  { at: "where objects are made", calls: /^new / }
]

const placeOf = (call: string): string | undefined => places.find(({ calls }) => calls.test(call))?.at

/** Does a pattern of `sees` name the call? `IMSProvider::*` names every method of IMSProvider. */
const names = (pattern: string, call: string): boolean =>
  pattern.endsWith("*") ? call.startsWith(pattern.slice(0, -1)) : pattern === call

/** What is known so far. */
export interface Coverage {
  readonly add: (event: Event) => void
  /** Why the log does not show what is needed; null where it does. */
  readonly lacks: (needs: ReadonlyArray<string>) => string | null
}

/** `sees` is what the recorder says of itself: names of calls; nothing, where it says nothing. */
export const make = (sees: ReadonlyArray<string> | null = null): Coverage => {
  const calls = new Set<string>()
  const seenAt = new Set<string>()
  let counts = false
  let nesting = false
  let untold = false // an open that failed, without its error
  let unpassed = false // a Logon, without its support object
  const seen = (call: string): boolean => {
    if (calls.has(call)) return true
    if (sees !== null) return sees.some((pattern) => names(pattern, call))
    return seenAt.has(placeOf(call) ?? "")
  }
  const has = (need: string): boolean => {
    if (need === "counts") return counts
    if (need === "errors") return !untold
    if (need === "passed") return !unpassed
    return need === "nesting" ? nesting : seen(need)
  }
  return {
    add: (event) => {
      const { call, error, phase, refs, result, within } = event
      if (!calls.has(call)) {
        calls.add(call)
        seenAt.add(placeOf(call) ?? call)
      }
      counts ||= refs.length > 0
      nesting ||= within !== null
      unpassed ||= is(event, "call", "IMSProvider::Logon") && Closing.supportOf(event) === null
      untold ||=
        call === "IMAPISession::OpenMsgStore" &&
        phase === "return" &&
        error === undefined &&
        result !== "interrupted" &&
        isFailure(result)
    },
    lacks: (needs) => {
      for (const need of needs) {
        if (!has(need)) return why(need)
      }
      return null
    }
  }
}

const why = (need: string): string => {
  if (need === "counts") return "the log has no counts"
  if (need === "passed") return Closing.untold
  if (need === "errors") return "the log does not say with which error an open failed"
  return need === "nesting" ? "the log does not say within which call another was made" : `the log has no ${need}`
}
