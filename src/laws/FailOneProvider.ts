/** [Note] MAPI_E_FAILONEPROVIDER leaves the provider as it was, and so does a fault of the request itself. [R4] */
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"
import * as Standing from "./Standing.ts"

const failed: Example.Call = {
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  dll: "DEMO.DLL",
  result: "MAPI_E_FAILONEPROVIDER"
}
const refused: Example.Call = {
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  entryId: Example.id.wrapped,
  result: "MAPI_E_CALL_FAILED",
  error: "ProviderDisabled"
}

export const FailOneProvider = Law.make<Standing.Standing>(
  {
    name: "FailOneProvider",
    sentence:
      "A Logon that fails for a wrong password returns MAPI_E_FAILONEPROVIDER, and the client can attempt to log on again: MAPI does not fail the provider for the entire session.",
    source: "the page, note; R4",
    good: Example.log(failed, { ...failed, result: "MAPI_E_LOGON_FAILED" }, refused),
    bad: Example.log(failed, refused)
  },
  {
    of: "registration",
    needs: ["IMSProvider::Logon", "IMAPISession::OpenMsgStore", "errors"],
    initial: "usable",
    change: Standing.after,
    use: (standing, event) =>
      event.error === "ProviderDisabled" && Standing.isUsable(standing) === true
        ? Law.breach(event, "the provider to be asked: no Logon of it failed in a way that disables it in this session")
        : undefined,
    end: () => undefined
  }
)
