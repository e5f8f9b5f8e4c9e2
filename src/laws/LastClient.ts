/** [R7] With its last client a store closes, whatever else of it is still held. [R8] */
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The Release that takes the last client's reference. */
  readonly last: number | null
  readonly isOff: boolean
  /** A session that ends closes its stores in its own order. */
  readonly isEnding: boolean
}

const store = "IMsgStore#1"
const handOver: Example.Call = {
  call: "hand over reference",
  object: store,
  refs: [...Example.counted(store, "MAPI", 0, 1), ...Example.counted(store, "client", 1, 1)]
}
const logon: Example.Call = {
  ...Closing.logon,
  inside: (Closing.logon.inside ?? []).map((call) =>
    call.object === store ? { ...call, refs: Example.counted(store, "MAPI", 1, 1) } : call
  )
}
/** The provider has a reference of its own, such as that of a folder which is open. */
const addRef: Example.Call = {
  call: "IMsgStore::AddRef",
  object: store,
  from: "provider",
  refs: Example.counted(store, "provider", 1, 2)
}
const release = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMsgStore::Release",
  object: store,
  refs: Example.counted(store, "client", 0, 1),
  inside
})

export const LastClient = Law.make<State>(
  {
    name: "LastClient",
    sentence:
      "When the last client releases a store, its provider calls IMAPISupport::StoreLogoffTransports before that Release returns, though the spooler, or an object of the store that is open, may hold it still.",
    source: "Shutting down a message store provider; R7",
    good: Example.log(logon, handOver, addRef, release(Closing.transports)),
    bad: Example.log(logon, handOver, addRef, release(), Closing.transports)
  },
  {
    of: "clients",
    needs: ["IMsgStore::Release", "IMAPISupport::StoreLogoffTransports", "counts", "passed"],
    initial: { last: null, isOff: false, isEnding: false },
    change: (state, event, subject) => {
      const { call, callId, from, refs } = event
      if (call === "IMAPISession::Logoff") return { ...state, isEnding: true }
      if (call === "IMAPISupport::StoreLogoffTransports") return { ...state, isOff: true }
      if (!refs.some(({ object }) => subject === `clients of ${object}`)) return state
      // Else somebody has come back, or MAPI undoes an open: that is no client's Release.
      return { ...state, last: call === "IMsgStore::Release" && from !== "MAPI" ? callId : null }
    },
    use: ({ isEnding, isOff, last }, event) =>
      event.callId === last && event.phase === "return" && !isOff && !isEnding
        ? Law.breach(event, "StoreLogoffTransports to have been called before this returns: the last client has gone")
        : undefined,
    end: () => undefined
  }
)
