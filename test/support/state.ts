/** The state of a session as plain data. */
import * as SessionState from "../../src/SessionState.ts"

export type State = SessionState.Plain

export const initial: State = { ...SessionState.initial, stores: [] }

/** The outcome of a transition, and the state after it. */
export const applied = <A>(transition: SessionState.Transition<A>, state: State): readonly [A, State] => {
  const [outcome, change] = transition(state)
  return [outcome, SessionState.changed(state, change)]
}
