import { describe } from "@effect/vitest"
import { constructed } from "./constructed.ts"
import { exhibited } from "./exhibited.ts"

describe("the museum: constructed", () => constructed.forEach(exhibited))
