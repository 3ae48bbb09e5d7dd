/** Lines of a console, a log or a program as people read them: no control sequences, none empty, the last `most`. */
export function lastLines(text: string, most: number): string[] {
  return text
    .replace(/\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)|[@-Z\\-_])/g, '')
    .split(/\r?\n|\r/)
    .map((line) =>
      line
        .replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, ' ')
        .trimEnd()
        .slice(0, 300),
    )
    .filter((line) => line.trim() !== '')
    .slice(-most);
}

/** What a program said when it failed, as one line. */
export const saidShortly = (...texts: string[]): string =>
  lastLines(texts.find((text) => text.trim() !== '') ?? '', 2)
    .join('; ')
    .slice(0, 300);
