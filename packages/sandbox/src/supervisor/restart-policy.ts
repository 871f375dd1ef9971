/** A part that ends on its own is started again at most this often within the window; then it has failed. */
const mostRestarts = 5;
const windowMs = 60_000;
const firstDelayMs = 250;

/**
 * How long to wait before the next start, doubling from 250 ms; undefined when the part ended too often.
 * @param exits Times of all exits in milliseconds since the epoch, the newest last.
 */
export function restartDelayMs(exits: number[]): number | undefined {
  const newest = exits.at(-1) ?? 0;
  const recent = exits.filter((exit) => exit > newest - windowMs).length;
  return recent > mostRestarts ? undefined : firstDelayMs * 2 ** (recent - 1);
}
