import { describe } from "@effect/vitest"
import { exhibited } from "./exhibited.ts"
import { loading } from "./loading.ts"

describe("the museum: loading", () => loading.forEach(exhibited))
