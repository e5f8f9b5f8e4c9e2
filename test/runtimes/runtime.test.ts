/**
 * Each of the three test scripts runs under the runtime that it is named for, and not under another that stands in for it.
 * The script says which by vitest's mode; a run without one is whatever runtime it happens to be.
 */
import { assert, describe, it } from "@effect/vitest"

const running = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node"
const { MODE } = (import.meta as unknown as { readonly env: { readonly MODE: string } }).env // vitest's own

describe("the runtime", () => {
  it.skipIf(MODE === "test")(`is ${MODE}, as the script says`, () => {
    assert.strictEqual(running, MODE)
  })

  it("finds the package under its own name, unbuilt", async () => {
    const byName = await import("effect-mapi/Scode")
    const bySource = await import("../../src/Scode.ts")
    assert.strictEqual(byName.values, bySource.values)
  })
})
