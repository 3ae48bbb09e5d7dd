/** What a script printed last, for people: whole lines, no control characters, the first ones left out with a mark. */
export function lastLines(output: string, most = { lines: 20, characters: 2000 }): string {
  // Terminal colours go whole, other control characters one by one; a bare CR rewrites a line, of which the last form counts.
  const plain = output.replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '').split('\n');
  const lines = plain.map((line) =>
    line
      .slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1)
      .replace(/[\p{Cc}\p{Cf}]/gu, '')
      .trimEnd(),
  );
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  const kept = lines.slice(-most.lines);
  while (kept.length > 1 && kept.join('\n').length > most.characters) kept.shift();
  const text = kept.join('\n').slice(-most.characters);
  return kept.length < lines.length ? `…\n${text}` : text;
}

/** The last line alone, for a table. */
export function lastLine(output: string): string {
  const line = lastLines(output, { lines: 1, characters: 200 });
  return line.replace(/^…\n/, '');
}
