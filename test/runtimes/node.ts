/** Whether this is Node: what is the same program under every runtime is run by one of them. */
export const isNode = process.versions.bun === undefined && process.versions.deno === undefined
