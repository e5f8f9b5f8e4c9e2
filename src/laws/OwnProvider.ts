/** [S3] Every MSProviderInit returns an IMSProvider object of its own. */
import type { Event } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** Once it is returned, the session that it is of. */
type State = "made" | { readonly session: string | null } | "shut down"

const isForeign = (state: State, event: Event, subject: string): boolean =>
  typeof state === "object" &&
  event.phase === "call" &&
  event.object === subject &&
  event.session !== null &&
  event.session !== state.session

const isReturned = (event: Event, subject: string): boolean =>
  Law.is(event, "return", "MSProviderInit") && event.returned.includes(subject)

const again = (event: Event, subject: string): Law.Breach =>
  Law.breach(event, `an IMSProvider of its own: ${subject} is what an earlier MSProviderInit returned`)

const init = (object: string): Example.Call => ({ call: "MSProviderInit", dll: "DEMO.DLL", returned: [object] })

export const OwnProvider = Law.make<State>(
  {
    name: "OwnProvider",
    sentence:
      "MSProviderInit creates and returns an IMSProvider object: a new one each time, for each session its own.",
    source: "the page, step 3; R1",
    good: Example.log(init("IMSProvider#1"), { ...init("IMSProvider#2"), session: "IMAPISession#2" }),
    bad: Example.log(init("IMSProvider#1"), { ...init("IMSProvider#1"), session: "IMAPISession#2" })
  },
  {
    of: "IMSProvider",
    needs: ["MSProviderInit"],
    initial: "made",
    change: (state, event, subject) => {
      if (isReturned(event, subject)) {
        return typeof state === "object" ? again(event, subject) : { session: event.session }
      }
      return event.call === "IMSProvider::Shutdown" && state === "made" ? "shut down" : state
    },
    use: (state, event, subject) =>
      isForeign(state, event, subject)
        ? Law.breach(event, `an IMSProvider of this session's own: ${subject} is another session's`)
        : undefined,
    late: (event, subject) => (isReturned(event, subject) ? again(event, subject) : undefined),
    end: (state) =>
      state === "shut down"
        ? Law.notShown("no MSProviderInit says that it returned an IMSProvider which is shut down")
        : undefined
  }
)
