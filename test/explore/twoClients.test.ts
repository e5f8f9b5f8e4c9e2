/**
 * Two clients of one store, with the spooler, one fault at any step and one interruption anywhere: in a file of its own, to
 * run beside the others.
 */
import { always, holdIn, isLongest } from "./lawful.ts"

holdIn(always.filter(isLongest))
