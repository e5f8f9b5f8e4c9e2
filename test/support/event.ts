/** An event of a call log, but for its number and its phase. */
export const base = {
  session: null,
  callId: 1,
  within: null,
  step: null,
  from: "MAPI",
  to: "provider",
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  returned: [],
  refs: []
} as const
