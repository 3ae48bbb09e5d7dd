/** What the terminal says first in the sandbox. `speed` = domain seconds per second. */
export function firstWords(speed: number): string {
  const pace = speed === 1 ? '' : `, and time runs ${speed} times faster`;
  return `These are fake hosts on this machine${pace}. Type /ops check @web to begin.\nFor your own hosts: npx holdfast init`;
}
