/** The state of a session as plain data: what `Live` must be indistinguishable from. */
import * as SessionState from "../../src/SessionState.ts"

export type State = SessionState.State & { readonly stores: ReadonlyArray<SessionState.OpenStore> }

export const initial: State = { ...SessionState.initial, stores: [] }

const counted = (leases: State["leases"], more: SessionState.Change["leases"] = {}): State["leases"] => {
  const all = new Map(leases)
  for (const [dll, n] of Object.entries(more)) all.set(dll, (all.get(dll) ?? 0) + n)
  return new Map(Array.from(all).filter(([, n]) => n > 0))
}

/** The state after a change. */
export const changed = (state: State, change: SessionState.Change): State => {
  const { becomes, comes, goes, leases, opens } = change
  const opened = [...state.stores, ...(opens === undefined ? [] : [opens])]
  const stores = opened.flatMap((open) => {
    const next = open === becomes?.[0] ? becomes[1] : open
    return next === null ? [] : [next]
  })
  const inFlight = new Set(goes === "all" ? [] : state.inFlight)
  if (typeof goes === "function") inFlight.delete(goes)
  if (comes !== undefined) inFlight.add(comes)
  return {
    ended: change.ended ?? state.ended,
    providers: change.providers ?? state.providers,
    leases: counted(state.leases, leases),
    disabled: change.disabled ?? state.disabled,
    stores,
    inFlight
  }
}

/** The outcome of a transition, and the state after it. */
export const applied = <A>(transition: SessionState.Transition<A>, state: State): readonly [A, State] => {
  const [outcome, change] = transition(state)
  return [outcome, changed(state, change)]
}
