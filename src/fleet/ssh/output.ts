/** Keeps the first `limit` bytes of a stream and lets the rest go by, so that whoever writes is never held up. */
export function keepFirst(limit: number) {
  const chunks: Buffer[] = [];
  let left = limit;
  let cut = false;
  return {
    take(chunk: Buffer): void {
      if (chunk.length <= left) chunks.push(chunk);
      else {
        // A copy: a slice would hold on to the whole packet.
        if (left) chunks.push(Buffer.from(chunk.subarray(0, left)));
        cut = true;
      }
      left = Math.max(0, left - chunk.length);
    },
    cut: () => cut,
    text: () => (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString('utf8'),
  };
}
