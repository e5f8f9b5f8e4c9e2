import { describe } from "@effect/vitest"
import { exhibited } from "./exhibited.ts"
import { references } from "./references.ts"

describe("the museum: references", () => references.forEach(exhibited))
