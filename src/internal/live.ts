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
  const claims = Cell.make("its claims")
  const which = Cell.make("which stores are open")
  const opened = Cell.make("the order in which they were opened")
  const sought = Cell.family("the open store of")
  const about = Cell.family("an open store")
  const leases = Cell.make("leases")
  const inFlight = Cell.make("opens in flight")
  const cellOf = ({ store }: SessionState.OpenStore): Cell.Cell => about(store.id)

  const stores: SessionState.Stores = {
    find: (is) => {
      sought(is.key).reads()
      const found = now.stores.find(is)
      if (found !== undefined) cellOf(found).reads()
      return found
    },
    [Symbol.iterator]: () => {
      which.reads()
      opened.reads()
      for (const open of now.stores) cellOf(open).reads()
      return now.stores[Symbol.iterator]()
    }
  }
  const state: SessionState.State = {
    stores,
    get ended() {
      ended.reads()
      return now.ended
    },
    get claims() {
      claims.reads()
      return now.claims
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

  const comesOrGoes = (open: SessionState.OpenStore): void => {
    which.adds()
    cellOf(open).writes()
    sought(open.store.id).writes()
    if (open.support !== null) sought(open.support.id).writes()
  }
  const becomes = ([open, next]: NonNullable<SessionState.Change["becomes"]>): void => {
    if (next === null) comesOrGoes(open)
    else {
      cellOf(open).writes()
      if (next.support !== null) sought(next.support.id).writes()
    }
  }
  const tell = (change: SessionState.Change): void => {
    if (change.ended !== undefined) ended.writes()
    if (change.claims !== undefined) claims.writes()
    if (change.providers !== undefined) providers.writes()
    if (change.disabled !== undefined) disabled.writes()
    if (change.opens !== undefined) {
      opened.writes()
      comesOrGoes(change.opens)
    }
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
