/** Asks about each item, a few at a time, so that many questions are answered soon and no server is flooded. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  atOnce = 16,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    // Shared by all workers: each takes the next.
    for (const [i, item] of waiting) answers[i] = await ask(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}
