/** [S4] A provider whose Logon has failed for good is not called again in that session. [R4] */
import type { Event } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"
import * as Standing from "./Standing.ts"

const asks = (event: Event): boolean =>
  Law.is(event, "call", "MSProviderInit") ||
  Law.is(event, "call", "IMSProvider::Logon", "IMSProvider::SpoolerLogon", "IMSProvider::CompareStoreIDs")

/** What began before may still succeed; open stores and their teardown go on. */
const refused = (standing: Standing.Standing, event: Event): Law.Breach | undefined =>
  asks(event) && Standing.isUsable(standing) === false
    ? Law.breach(event, `no ${event.call} in this session: an earlier Logon of this provider failed for good`)
    : undefined

const logon = (result: string): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  dll: "DEMO.DLL",
  result
})

export const Disabled = Law.make<Standing.Standing>(
  {
    name: "Disabled",
    sentence:
      "When Logon fails otherwise, MAPI fails the provider for the entire session: it calls neither its MSProviderInit nor Logon, SpoolerLogon or CompareStoreIDs again.",
    source: "the page, note; IMSProvider::Logon; R4",
    good: Example.log(logon("MAPI_E_FAILONEPROVIDER"), logon("MAPI_E_LOGON_FAILED")),
    bad: Example.log(logon("MAPI_E_LOGON_FAILED"), logon("MAPI_E_LOGON_FAILED"))
  },
  {
    of: "registration",
    needs: ["IMSProvider::Logon"],
    initial: "usable",
    change: (standing, event) => refused(standing, event) ?? Standing.after(standing, event),
    use: refused,
    end: () => undefined
  }
)
