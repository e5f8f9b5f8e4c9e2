/**
 * The state of a session that runs, told to the explorer: a cell for each field and for each open store, so that it sees
 * which transitions have to do with each other. Who is only counted or collected leaves no order behind. What a change makes
 * of the state is not decided here.
 */
import * as Cell from "../explore/Cell.ts"
import * as SessionState from "../SessionState.ts"

/** What a session knows now, and how it changes. */
export interface Live {
  /** A field is read when somebody looks at it. */
  readonly state: SessionState.State
  /** Applies a transition, in the step that asks for it. */
  readonly transit: <A>(transition: SessionState.Transition<A>) => A
}

/** The state of a new session. */
export const make = (): Live => {
  let now = SessionState.initial
  const ended = Cell.make("the end of the session")
  const providers = Cell.make("its providers")
  const disabled = Cell.make("those that are disabled")
  const which = Cell.make("which stores are open")
  const leases = Cell.make("leases")
  const inFlight = Cell.make("opens in flight")
  const cellOf = new WeakMap<SessionState.OpenStore, Cell.Cell>()

  const readStores = () => {
    which.reads()
    for (const open of now.stores) cellOf.get(open)?.reads()
  }
  const stores: SessionState.Stores = {
    find: (is) => {
      const found = now.stores.find(is)
      if (found === undefined) readStores()
      else cellOf.get(found)?.reads() // who looks for one that is there has to do with that one alone
      return found
    },
    [Symbol.iterator]: () => {
      readStores()
      return now.stores[Symbol.iterator]()
    }
  }
  const state: SessionState.State = {
    stores,
    get ended() {
      ended.reads()
      return now.ended
    },
    get providers() {
      providers.reads()
      return now.providers
    },
    get disabled() {
      disabled.reads()
      return now.disabled
    },
    get leases() {
      leases.reads()
      return now.leases
    },
    get inFlight() {
      inFlight.reads()
      return now.inFlight
    }
  }

  const opens = (open: SessionState.OpenStore): void => {
    const cell = Cell.make("an open store")
    cellOf.set(open, cell)
    which.writes()
    cell.writes()
  }
  const becomes = ([open, next]: NonNullable<SessionState.Change["becomes"]>): void => {
    const cell = cellOf.get(open)
    cell?.writes()
    if (next === null) which.adds()
    else if (cell !== undefined) cellOf.set(next, cell)
  }
  const tell = (change: SessionState.Change): void => {
    if (change.ended !== undefined) ended.writes()
    if (change.providers !== undefined) providers.writes()
    if (change.disabled !== undefined) disabled.writes()
    if (change.opens !== undefined) opens(change.opens)
    if (change.becomes !== undefined) becomes(change.becomes)
    if (change.leases !== undefined) leases.adds()
    if (change.goes === "all") inFlight.writes()
    else if (change.comes !== undefined || change.goes !== undefined) inFlight.adds()
  }
  const transit = <A>(transition: SessionState.Transition<A>): A => {
    const [outcome, change] = transition(state)
    tell(change)
    now = SessionState.changed(now, change)
    return outcome
  }
  return { state, transit }
}
