/** What the step now taken, or the last, touched. Inside the package only. */
export class Footprint {
  private serial = 0
  private readonly stamps: Array<number> = []
  private readonly modes: Array<number> = []
  private cells: Array<number> = []

  clear(): void {
    this.serial++
    this.cells = []
  }

  note(cell: number, mode: number): void {
    if (this.stamps[cell] === this.serial) this.modes[cell] = (this.modes[cell] ?? 0) | mode
    else {
      this.stamps[cell] = this.serial
      this.modes[cell] = mode
      this.cells.push(cell)
    }
  }

  /** How it used a cell, 0 where it did not. */
  modeOf(cell: number): number {
    return this.stamps[cell] === this.serial ? (this.modes[cell] ?? 0) : 0
  }

  /** Whether it touched just this, in this order. */
  is(accesses: ReadonlyArray<number>): boolean {
    const { cells } = this
    if (cells.length !== accesses.length) return false
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] ?? 0
      if (accesses[i] !== cell * 8 + (this.modes[cell] ?? 0)) return false
    }
    return true
  }

  /** Cell times 8 plus mode. */
  accesses(): Array<number> {
    const { cells } = this
    const out: Array<number> = []
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] ?? 0
      out.push(cell * 8 + (this.modes[cell] ?? 0))
    }
    return out
  }
}
