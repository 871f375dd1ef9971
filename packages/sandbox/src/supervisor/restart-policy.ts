const windowMs = 60_000;
const firstDelayMs = 250;
/** Long enough that a part which cannot run costs nothing, short enough that one recovers soon after its cause is gone. */
const longestDelayMs = 15_000;
/** A part that ended more often within the window has failed; it is still tried again. */
const mostExits = 5;

/** How a part that ended on its own is treated. */
export interface Restart {
  /** Before the next start: 250 ms, doubled for each end within a minute, at most 15 s. */
  delayMs: number;
  /** Whether it ended so often within a minute that it counts as failed. */
  failed: boolean;
}

/** @param exits Times of all exits in milliseconds since the epoch, the newest last. */
export function restartAfter(exits: number[]): Restart {
  const newest = exits.at(-1) ?? 0;
  const recent = exits.filter((exit) => exit > newest - windowMs).length;
  return { delayMs: Math.min(firstDelayMs * 2 ** (recent - 1), longestDelayMs), failed: recent > mostExits };
}
