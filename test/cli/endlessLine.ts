/** Reads 512 MiB without a line end, and prints by how many MiB the process has grown: run by judge.test.ts. */
import * as Lines from "../../src/laws/Lines.ts"

const { push } = Lines.splitting()
const piece = new Uint8Array(1024 * 1024).fill(0x78)
const before = process.memoryUsage().rss
for (let n = 0; n < 512; n++) Array.from(push(piece))
console.log((process.memoryUsage().rss - before) / piece.length)
