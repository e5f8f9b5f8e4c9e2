/** Who runs within the step of another: whom a step wakes, where he goes on at once. Inside the package only. */
import type { Machine } from "./machine.ts"
import type { Process } from "./process.ts"

/** What the machine knows of whoever runs: it is put aside while a guest does. */
const surroundings = (machine: Machine) => {
  const { awaiting, budget, commuting, current, failing, guest, lastTouched, leaving, masked, registering } = machine
  return { awaiting, budget, commuting, current, failing, guest, lastTouched, leaving, masked, registering }
}

/** Runs a fiber within the step of another, as Effect does with whom a step wakes. */
export const within = (machine: Machine, it: Process, run: () => void): void => {
  const { current } = machine
  const before = surroundings(machine)
  if (it.pending) {
    // Effect drops what it was about to do.
    it.pending = false
    it.effect = undefined
    it.task = undefined
    it.yielded = false
    machine.ready.splice(machine.ready.indexOf(it), 1)
  }
  machine.current = it
  machine.asksNothing()
  it.steps++
  try {
    if (machine.inline || current === null) {
      machine.forgetWait(it)
      run()
    } else visits(machine, it, current, run)
  } finally {
    // What an observer throws goes on to whoever woke him.
    machine.stops(it)
    Object.assign(machine, before)
  }
}

const visits = (machine: Machine, it: Process, host: Process, run: () => void): void => {
  machine.masked = false
  machine.touched = 0
  machine.budget = 1
  const guest = machine.nesting.enters(it)
  machine.guest = guest
  machine.begins(it)
  try {
    run()
  } finally {
    machine.nesting.leaves(it, guest, host)
    machine.touched = 1
  }
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
