/**
 * SCODEs: the numbers that MAPI calls answer with, and their names.
 *
 * Bit 31 says failure; a success with any other bit set is a warning. An HRESULT is the same word read as a signed
 * number, so every function here takes either reading and answers the unsigned one. Pure: it never performs an effect.
 *
 * Source: section 11 of the protocol reference (MAPICode.h).
 */
import * as Schema from "effect/Schema"

/** Every named SCODE. */
export const values = {
  S_OK: 0x00000000,
  MAPI_E_CALL_FAILED: 0x80004005,
  MAPI_E_INTERFACE_NOT_SUPPORTED: 0x80004002,
  MAPI_E_NO_ACCESS: 0x80070005,
  MAPI_E_NOT_ENOUGH_MEMORY: 0x8007000e,
  MAPI_E_INVALID_PARAMETER: 0x80070057,
  MAPI_E_NO_SUPPORT: 0x80040102,
  MAPI_E_BAD_CHARWIDTH: 0x80040103,
  MAPI_E_UNKNOWN_FLAGS: 0x80040106,
  MAPI_E_INVALID_ENTRYID: 0x80040107,
  MAPI_E_INVALID_OBJECT: 0x80040108,
  MAPI_E_BUSY: 0x8004010b,
  MAPI_E_NOT_ENOUGH_RESOURCES: 0x8004010e,
  MAPI_E_NOT_FOUND: 0x8004010f,
  MAPI_E_VERSION: 0x80040110,
  MAPI_E_LOGON_FAILED: 0x80040111,
  MAPI_E_SESSION_LIMIT: 0x80040112,
  MAPI_E_USER_CANCEL: 0x80040113,
  MAPI_E_UNABLE_TO_ABORT: 0x80040114,
  MAPI_E_NETWORK_ERROR: 0x80040115,
  MAPI_E_TOO_COMPLEX: 0x80040117,
  MAPI_E_EXTENDED_ERROR: 0x80040119,
  MAPI_E_UNCONFIGURED: 0x8004011c,
  MAPI_E_FAILONEPROVIDER: 0x8004011d,
  MAPI_E_UNKNOWN_CPID: 0x8004011e,
  MAPI_E_UNKNOWN_LCID: 0x8004011f,
  MAPI_E_PASSWORD_CHANGE_REQUIRED: 0x80040120,
  MAPI_E_PASSWORD_EXPIRED: 0x80040121,
  MAPI_E_INVALID_WORKSTATION_ACCOUNT: 0x80040122,
  MAPI_E_INVALID_ACCESS_TIME: 0x80040123,
  MAPI_E_ACCOUNT_DISABLED: 0x80040124,
  MAPI_E_END_OF_SESSION: 0x80040200,
  MAPI_E_UNKNOWN_ENTRYID: 0x80040201,
  MAPI_W_NO_SERVICE: 0x00040203,
  MAPI_W_ERRORS_RETURNED: 0x00040380,
  MAPI_E_TIMEOUT: 0x80040401,
  MAPI_E_CORRUPT_STORE: 0x80040600,
  MAPI_E_NOT_IN_QUEUE: 0x80040601,
  MAPI_E_NOT_INITIALIZED: 0x80040605,
  MAPI_W_PARTIAL_COMPLETION: 0x00040680
} as const

/** The name of an SCODE, such as `"MAPI_E_FAILONEPROVIDER"`. */
export type Name = keyof typeof values

/** The five names that the headers give to codes which COM named first. */
export const aliases = {
  E_FAIL: "MAPI_E_CALL_FAILED",
  E_NOINTERFACE: "MAPI_E_INTERFACE_NOT_SUPPORTED",
  E_ACCESSDENIED: "MAPI_E_NO_ACCESS",
  E_OUTOFMEMORY: "MAPI_E_NOT_ENOUGH_MEMORY",
  E_INVALIDARG: "MAPI_E_INVALID_PARAMETER"
} as const satisfies Record<string, Name>

/** An SCODE: an unsigned 32-bit number. */
export const Scode = Schema.Int.check(Schema.isUint32())
export type Scode = typeof Scode.Type

// `Object.entries` widens its keys to string; the table above is where they come from.
const entries = Object.entries(values) as ReadonlyArray<[Name, number]>
const byNumber: ReadonlyMap<number, Name> = new Map(entries.map(([name, value]) => [value, name]))

/** The unsigned reading of an SCODE or HRESULT. */
export const unsigned = (code: number): Scode => code >>> 0

/** The signed reading: the HRESULT that a COM caller sees. */
export const signed = (code: number): number => code | 0

/** The number behind a name. */
export const fromName = (name: Name): Scode => values[name]

/** The name of a code, or `undefined` where section 11 of the reference names none. */
export const nameOf = (code: number): Name | undefined => byNumber.get(unsigned(code))

/** Bit 31 set. The one test for failure: nothing compares with `S_OK`. [R10] */
export const isFailure = (code: number): boolean => code >> 31 !== 0

/** Bit 31 clear: S_OK and every warning. [R10] */
export const isSuccess = (code: number): boolean => !isFailure(code)

/** A success that has something to say: 0x0004xxxx. */
export const isWarning = (code: number): boolean => isSuccess(code) && unsigned(code) !== values.S_OK

/** Eight hex digits, as the headers write them. */
export const toHex = (code: number): string => `0x${unsigned(code).toString(16).toUpperCase().padStart(8, "0")}`

/** How a code is shown: its name, or its digits where it has none. */
export const show = (code: number): string => nameOf(code) ?? toHex(code)

/** Name and value together.
 *
 * @example
 * ```ts
 * import { Scode } from "effect-mapi"
 *
 * Scode.describe(-2147221219) // => "MAPI_E_FAILONEPROVIDER (0x8004011D)"
 * ```
 */
export const describe = (code: number): string => {
  const name = nameOf(code)
  return name === undefined ? toHex(code) : `${name} (${toHex(code)})`
}
