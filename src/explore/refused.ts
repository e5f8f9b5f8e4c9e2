/** The shared cells of Effect that are refused by name: the key that each carries, its name, and what to do instead. */
export const refused: ReadonlyArray<readonly [key: string, name: string, advice: string]> = [
  ["~effect/Pool", "Pool", "Explore the program with a Semaphore and a Ref in its place."],
  ["~effect/RcMap", "RcMap", "Explore the program with an RcRef for each key."],
  ["~effect/Cache", "Cache", "Explore the program with a Ref of Deferreds, or a ScopedCache."],
  ["~effect/TxRef", "TxRef", "Transactions are not explored: use a Ref, whose every operation is atomic."],
  ["~effect/PartitionedSemaphore", "PartitionedSemaphore", "Explore the program with a Semaphore for each partition."],
  ["~effect/persistence/RateLimiter", "RateLimiter", "Explore the program without its rate limiter."]
]
