import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

// The package under its own name is its sources, unbuilt: the condition of the same name in package.json.
const conditions = ["effect-mapi-source", "module", "node"]

// What a run of a search leaves behind dies young: with room for it, less is kept, and looked through, than is dropped.
const execArgv = ["--min-semi-space-size=64", "--max-semi-space-size=64"]

const longest = ["twoClients", "protocol", "witnesses", "calibration", "cli/explore"]

/** Those that take longest begin first, else one core would wait for them at the end: vitest goes by the size of a file. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`${name}.test.ts`))
      return at < 0 ? longest.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    allowOnly: false,
    isolate: false, // none leaves anything behind that another sees, and most take less time than to load Effect anew
    execArgv: mode === "node" ? execArgv : [],
    maxWorkers: "100%", // the searches are long, and there is one file for each kind: no core idles
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000
  }
}))
