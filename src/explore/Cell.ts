/**
 * Plain state of your own, told to the explorer by whoever keeps it: each use, in the step of the use.
 *
 * Outside an exploration it does nothing. What it is told is believed: a use that is left out, or called an addition when
 * its order can be seen, is found only by sampling, as with any plain state.
 */
import { ADD, READ, WRITE } from "./access.ts"
import { active } from "./active.ts"

/** How a piece of plain state is used. */
export interface Cell {
  /** Two reads commute. */
  readonly reads: () => void
  /** Two additions commute: to a count that neither looks at, to a set that neither goes through. */
  readonly adds: () => void
  readonly writes: () => void
}

/** A cell for a piece of state that is made now, inside the program. */
export const make = (kind: string): Cell => {
  const machine = active
  if (machine === null) return silent
  const { epoch } = machine
  const id = machine.bearCell(kind)
  const used = (mode: number) => () => {
    if (active === machine && machine.epoch === epoch) machine.touch(id, mode)
  }
  return { reads: used(READ), adds: used(ADD), writes: used(WRITE) }
}

const nothing = () => {}
const silent: Cell = { reads: nothing, adds: nothing, writes: nothing }
