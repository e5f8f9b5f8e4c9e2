import { defineConfig } from "vitest/config"

// The package under its own name is its sources, unbuilt: the condition of the same name in package.json.
const conditions = ["effect-mapi-source", "module", "node"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    allowOnly: false,
    maxWorkers: "100%", // the searches are long, and there is one file for each kind: no core idles
    testTimeout: 60_000
  }
})
