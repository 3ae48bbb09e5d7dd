import { near } from '../fleet/target/nearest.ts';

/** `; did you mean `ada`?`, or what there is where it is little; begins with what joins it to a sentence. */
export function meant(word: string, known: readonly string[]): string {
  const [name] = near(word, known, 1);
  if (name) return `; did you mean \`${name}\`?`;
  return known.length > 0 && known.length <= 12 ? `; there is ${known.join(', ')}` : '';
}
