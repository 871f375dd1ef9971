const pollMilliseconds = 2_000;

/** Ends this program when the one that started it is killed, which otherwise ends it itself. */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, pollMilliseconds).unref();
}
