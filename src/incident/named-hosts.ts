/** Hosts of the inventory, or of the outage table, that a text names, in its order: whole words only, a name within a longer one is another host. */
export function hostsNamedIn(text: string, known: { has(name: string): boolean }): string[] {
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}._-]*/gu) ?? [];
  const named = words.flatMap((word) => [word, word.replace(/[._-]+$/, ''), word.toLowerCase().replace(/[._-]+$/, '')].find((name) => known.has(name)) ?? []);
  return [...new Set(named)];
}
