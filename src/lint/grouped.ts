/** Values by their key, each group in the order of the values. */
export function grouped<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const same = groups.get(key);
    if (same) same.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
