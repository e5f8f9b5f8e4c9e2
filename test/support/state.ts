/** Transitions of a session's state, on plain data. */
import * as SessionState from "../../src/SessionState.ts"

// Boundary: transitions keep objects and compare them, and never call them; a name is all that they need here.
export const thing = <A>(id: string): A => ({ id }) as A

/** The outcome of a transition, and the state after it. */
export const applied = <A>(
  transition: SessionState.Transition<A>,
  state: SessionState.Plain
): readonly [A, SessionState.Plain] => {
  const [outcome, change] = transition(state)
  return [outcome, SessionState.changed(state, change)]
}

/** Plays transitions one after another: their outcomes, and the last state. */
export const play = (state: SessionState.Plain, ...moves: ReadonlyArray<SessionState.Transition<unknown>>) => {
  const outcomes: Array<unknown> = []
  let now = state
  for (const move of moves) {
    const [outcome, next] = applied(move, now)
    outcomes.push(outcome)
    now = next
  }
  return { outcomes, state: now }
}

/** The state after the end. */
export const ended = (state: SessionState.Plain): SessionState.Plain => applied(SessionState.end, state)[1]
