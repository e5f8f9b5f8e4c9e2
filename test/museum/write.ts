/** Writes docs/museum.md from what the explorer finds of each exhibit: `node -C effect-mapi-source test/museum/write.ts`. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { find } from "./museum.ts"
import { entry, exhibits, page } from "./page.ts"

const entries = Effect.forEach(exhibits, (exhibit) =>
  Effect.map(find(exhibit), (found) => {
    if (found._tag === "Found") return entry(exhibit, found)
    throw new Error(`${exhibit.title} was not found: ${found.verdict._tag}`)
  })
)

writeFileSync(join(import.meta.dirname, "../../docs/museum.md"), page(await Effect.runPromise(entries)))
