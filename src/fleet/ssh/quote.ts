/**
 * One word of POSIX shell: everything between single quotes is itself, also newlines and control characters. Throws for
 * NUL, which no shell can hold in a word.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a NUL byte cannot be handed to a shell');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
