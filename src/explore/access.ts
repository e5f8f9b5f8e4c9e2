/** How a step uses a cell, and which uses may not change places. Inside the package only. */

/** Reads commute, additions (each under its own key) commute, writes commute with nothing. */
export const READ = 1
export const ADD = 2
export const WRITE = 4

/** Whether two uses of one cell may not change places. */
export const clash = (a: number, b: number): boolean =>
  ((a | b) & WRITE) !== 0 || ((a & READ) !== 0 && (b & ADD) !== 0) || ((a & ADD) !== 0 && (b & READ) !== 0)
