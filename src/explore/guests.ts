/** Who runs within the step of another: whom a step wakes, where he goes on at once. Inside the package only. */
import type { Machine } from "./machine.ts"
import type { Process } from "./process.ts"

/** Runs a fiber within the step of another, as Effect does with whom a step wakes. */
export const within = (machine: Machine, it: Process, run: () => void): void => {
  const { awaiting, budget, commuting, current, failing, lastTouched, leaving, masked, guest, registering } = machine
  if (it.pending) {
    // Effect drops what it was about to do.
    it.pending = false
    it.effect = undefined
    it.task = undefined
    it.yielded = false
    machine.ready.splice(machine.ready.indexOf(it), 1)
  }
  machine.current = it
  machine.registering = null
  machine.commuting = false
  machine.awaiting = null
  machine.failing = false
  machine.leaving = false
  it.steps++
  if (machine.inline || current === null) {
    machine.forgetWait(it)
    run()
  } else {
    machine.masked = false
    machine.touched = 0
    machine.budget = 1
    const entered = machine.nesting.enters(it)
    machine.guest = entered
    machine.begins(it)
    run()
    machine.nesting.leaves(it, entered, current)
    machine.guest = guest
    machine.masked = masked
    machine.touched = 1
    machine.budget = budget
  }
  machine.stops(it)
  machine.lastTouched = lastTouched
  machine.current = current
  machine.registering = registering
  machine.commuting = commuting
  machine.awaiting = awaiting
  machine.failing = failing
  machine.leaving = leaving
}

/** Where a step would end: whether whoever runs within that of another goes on all the same. */
export const goesOn = (machine: Machine): boolean => {
  const { current, guest } = machine
  if (guest === null || current === null) return false
  if (!machine.chooser.atOnce(current, current)) return false
  machine.nesting.goesOn(guest)
  machine.begins(current)
  machine.touched = 0
  machine.masked = false
  machine.budget = 0
  current.steps++
  return true
}
