/** Transitions of a session's state, on plain data. */
import * as SessionState from "../../src/SessionState.ts"

/** The outcome of a transition, and the state after it. */
export const applied = <A>(
  transition: SessionState.Transition<A>,
  state: SessionState.Plain
): readonly [A, SessionState.Plain] => {
  const [outcome, change] = transition(state)
  return [outcome, SessionState.changed(state, change)]
}
