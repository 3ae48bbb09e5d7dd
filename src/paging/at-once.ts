/** Many calls for one thing each that are made at the same moment, as one call for all: the queries of a hundred messages are those of one. */
export function atOnce<Key, Value>(load: (keys: readonly Key[]) => Promise<readonly Value[]>): (key: Key) => Promise<Value> {
  let waiting: { key: Key; resolve(value: Value): void; reject(error: unknown): void }[] = [];
  const go = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      const values = await load(batch.map(({ key }) => key));
      for (const [n, { resolve }] of batch.entries()) resolve(values[n] as Value);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void go());
      waiting.push({ key, resolve, reject });
    });
}
