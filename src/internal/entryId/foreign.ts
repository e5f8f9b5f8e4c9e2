/**
 * The names of ids that are no store's: refused all the same, but by name.
 *
 * Sources: MS-OXCDATA 2.2.2 (newsgroup folders), 2.2.4 (folders and messages, and their types) and 2.2.5 (recipients);
 * MFCMAPI's guid.h.
 */
import { peekWord } from "./cursor.ts"
import { format, isUid, muidStoreWrap } from "./uid.ts"

const UID = 4
const DATA = 20

/** Recipients: their MAPIUID says it. */
const recipients: ReadonlyArray<readonly [uid: string, what: string]> = [
  ["{A41F2B81-A3BE-1910-9D6E-00DD010F5402}", "muidOOP: the id of a one-off recipient"],
  ["{C840A7DC-42C0-1A10-B4B9-08002B2FE182}", "muidEMSAB: the id of an address book entry"],
  ["{0AAA42FE-C718-101A-E885-0B651C240000}", "muidContabDLL: the id of a contact or a personal distribution list"],
  ["{D3AD91C0-9D51-11CF-A4A9-00AA0047FAA4}", "WAB_GUID: the id of a wrapped contact address book entry"]
]

/** Things in an Exchange store: their MAPIUID is that store's own; their length and their type say it. */
const inStores: ReadonlyArray<readonly [length: number, type: number, what: string]> = [
  [46, 0x0001, "an Exchange folder (eitLTPrivateFolder)"],
  [46, 0x0003, "an Exchange folder (eitLTPublicFolder)"],
  [46, 0x0005, "an Exchange folder (eitLTWackyFolder)"],
  [70, 0x0007, "an Exchange message (eitLTPrivateMessage)"],
  [70, 0x0009, "an Exchange message (eitLTPublicMessage)"],
  [70, 0x000b, "an Exchange message (eitLTWackyMessage)"]
]

const newsgroupFolder = 0x000c

/** The provider of these bytes, and whatever else can be told of them. */
export const told = (bytes: Uint8Array): string => {
  const uid = format(bytes.subarray(UID, DATA))
  const recipient = recipients.find(([known]) => known === uid)
  if (recipient !== undefined) return `${uid}, ${recipient[1]}`
  const type = (peekWord({ bytes, at: DATA }) ?? 0) & 0xffff
  const inStore = inStores.find(([length, known]) => bytes.length === length && known === type && bytes[0] === 0)
  return inStore === undefined ? uid : `${uid}, in the long-term id of ${inStore[2]}`
}

/** These alone have the MAPIUID of a wrapped store, without being one: their type stands where its version would. */
export const isNewsgroupFolder = (bytes: Uint8Array): boolean =>
  isUid(bytes.subarray(UID, DATA), muidStoreWrap) && bytes[DATA] === newsgroupFolder && bytes[DATA + 1] === 0
