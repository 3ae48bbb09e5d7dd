/** What the terminal says first in the sandbox. `speed` = domain seconds per second; `page`: where the status page is, and the port that was another's. */
export function firstWords(speed: number, page?: { url: string; taken?: number }): string {
  const pace = speed === 1 ? '' : `, and time runs ${speed} times faster`;
  const reads = page ? `\nWhat the public reads: ${page.url}${page.taken === undefined ? '' : ` (port ${page.taken} is taken)`}` : '';
  return `These are fake hosts on this machine${pace}. Type /ops check @web to begin.\nFor your own hosts: npx holdfast init${reads}`;
}
