/**
 * Whether a session may still call a provider, as far as a log shows it: what two laws have in common, and no law itself.
 *
 * ```text
 *          MAPI_E_UNCONFIGURED                any other failure that disables; MAPI_E_UNCONFIGURED once more in the same
 * usable ──────────────────────▶ in doubt ──▶ open; MAPI_E_UNCONFIGURED as the answer to the open ──▶ disabled
 *    ▲                              │
 *    └── being configured ◀─────────┘  MSG_SERVICE_CONFIGURE in the same open
 * ```
 *
 * In doubt, nothing is said: a provider that has no service entry is disabled then, and another is not. [R4]
 */
import { type Event, isFailure } from "../CallLog.ts"
import * as Law from "./Law.ts"

/** `open` is the last that met MAPI_E_UNCONFIGURED. */
export type Standing =
  | "usable"
  | "disabled"
  | { readonly open: number | null; readonly is: "in doubt" | "being configured" }

/** The note, an interruption, and faults of the request itself disable nothing. [R4] */
const spares: ReadonlySet<string | undefined> = new Set([
  "interrupted",
  "MAPI_E_FAILONEPROVIDER",
  "MAPI_E_INTERFACE_NOT_SUPPORTED",
  "MAPI_E_UNKNOWN_FLAGS"
])

/** May the provider be called? Null is in doubt. */
export const isUsable = (standing: Standing): boolean | null => {
  if (typeof standing === "string") return standing === "usable"
  return standing.is === "being configured" ? true : null
}

/** Is it the same open? An event that was made within nothing tells of none. */
const sameOpen = (standing: Standing, { within }: Event): boolean =>
  typeof standing === "object" && standing.open !== null && standing.open === within

const unconfigured = (standing: Standing, event: Event): Standing =>
  sameOpen(standing, event) ? "disabled" : { open: event.within, is: "in doubt" }

/** Where the provider stands after the event. */
export const after = (standing: Standing, event: Event): Standing => {
  const { call, error, phase, result, within } = event
  if (standing === "disabled") return standing
  if (call === "MSG_SERVICE_CONFIGURE") {
    if (phase === "return" && isFailure(result) && !spares.has(result)) return "disabled"
    return sameOpen(standing, event) ? { open: within, is: "being configured" } : standing
  }
  if (call === "IMAPISession::OpenMsgStore") return error === "Unconfigured" ? "disabled" : standing
  if (!Law.is(event, "return", "IMSProvider::Logon") || !isFailure(result) || spares.has(result)) return standing
  return result === "MAPI_E_UNCONFIGURED" ? unconfigured(standing, event) : "disabled"
}
