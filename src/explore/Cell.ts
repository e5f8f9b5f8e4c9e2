/**
 * Plain state of your own, told to the explorer by whoever keeps it: each use, in the step of the use.
 *
 * Outside an exploration it does nothing. What it is told is believed: a use that is left out, or called an addition when
 * its order can be seen, is found only by sampling, as with any plain state.
 */
import { ADD, READ, WRITE } from "./access.ts"
import { active } from "./active.ts"
import { stale } from "./execution.ts"

/** How a piece of plain state is used. */
export interface Cell {
  /** Two reads commute. */
  readonly reads: () => void
  /** Two additions commute: to a count that neither looks at, to a set that neither goes through. */
  readonly adds: () => void
  readonly writes: () => void
}

/** A cell for a piece of state that is made now. In an exploration it belongs inside the program: each execution has its own. */
export const make = (kind: string): Cell => {
  const machine = active
  const epoch = machine?.epoch
  const id = machine?.bearCell(kind)
  const used = (mode: number) => () => {
    const now = active
    if (now === null) return
    if (id !== undefined && now === machine && now.epoch === epoch) now.touch(id, mode)
    else if (mode !== READ) now.refuse(stale(kind))
  }
  return { reads: used(READ), adds: used(ADD), writes: used(WRITE) }
}
