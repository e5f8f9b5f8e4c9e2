/**
 * The state of a session that runs. Each field, and each open store, is in a cell of its own, so that the explorer sees which
 * transitions have to do with each other; who is only counted or collected leaves no order behind. Decides nothing.
 */
import * as MutableRef from "effect/MutableRef"
import * as Cell from "../explore/Cell.ts"
import * as SessionState from "../SessionState.ts"

/** What a session knows now, and how it changes. */
export interface Live {
  /** A field is read when somebody looks at it. */
  readonly state: SessionState.State
  /** Applies a transition, in the step that asks for it. */
  readonly transit: <A>(transition: SessionState.Transition<A>) => A
}

interface Held {
  readonly cell: Cell.Cell
  open: SessionState.OpenStore
}

/** The open stores: who looks for one that is there has to do with that one alone. */
const makeStores = () => {
  const which = Cell.make("which stores are open")
  let all: ReadonlyArray<Held> = []
  const readAll = () => {
    which.reads()
    for (const { cell } of all) cell.reads()
  }
  const stores: SessionState.Stores = {
    find: (is) => {
      const found = all.find(({ open }) => is(open))
      if (found === undefined) readAll()
      else found.cell.reads()
      return found?.open
    },
    [Symbol.iterator]: () => {
      readAll()
      return all.map(({ open }) => open)[Symbol.iterator]()
    }
  }
  const change = ({ becomes, opens }: SessionState.Change): void => {
    if (opens !== undefined) {
      which.writes()
      const cell = Cell.make("an open store")
      cell.writes()
      all = [...all, { cell, open: opens }]
    }
    const held = all.find(({ open }) => open === becomes?.[0])
    if (becomes === undefined || held === undefined) return
    held.cell.writes()
    if (becomes[1] !== null) held.open = becomes[1]
    else {
      which.adds() // who is forgotten first leaves no order behind
      all = all.filter((one) => one !== held)
    }
  }
  return { stores, change }
}

/** The state of a new session. */
export const make = (): Live => {
  const ended = MutableRef.make(SessionState.initial.ended)
  const providers = MutableRef.make(SessionState.initial.providers)
  const disabled = MutableRef.make(SessionState.initial.disabled)
  const { change, stores } = makeStores()
  const leased = Cell.make("leases")
  const leases = new Map<string, number>()
  const flying = Cell.make("opens in flight")
  const inFlight = new Set<SessionState.Tell>()
  const state: SessionState.State = {
    stores,
    get ended() {
      return ended.current
    },
    get providers() {
      return providers.current
    },
    get disabled() {
      return disabled.current
    },
    get leases() {
      leased.reads()
      return new Map(leases)
    },
    get inFlight() {
      flying.reads()
      return new Set(inFlight)
    }
  }
  const set = <A>(cell: MutableRef.MutableRef<A>, value: A | undefined) => {
    if (value !== undefined) MutableRef.set(cell, value)
  }
  const count = (more: Readonly<Record<string, number>>): void => {
    leased.adds()
    for (const [dll, n] of Object.entries(more)) {
      const left = (leases.get(dll) ?? 0) + n
      if (left > 0) leases.set(dll, left)
      else leases.delete(dll)
    }
  }
  const collect = ({ comes, goes }: SessionState.Change): void => {
    if (goes === "all") flying.writes()
    else if (comes !== undefined || goes !== undefined) flying.adds()
    if (goes === "all") inFlight.clear()
    else if (goes !== undefined) inFlight.delete(goes)
    if (comes !== undefined) inFlight.add(comes)
  }
  const transit = <A>(transition: SessionState.Transition<A>): A => {
    const [outcome, changes] = transition(state)
    set(ended, changes.ended)
    set(providers, changes.providers)
    set(disabled, changes.disabled)
    change(changes)
    if (changes.leases !== undefined) count(changes.leases)
    collect(changes)
    return outcome
  }
  return { state, transit }
}
