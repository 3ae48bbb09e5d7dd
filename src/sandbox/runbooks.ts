/** What stands beside the sandbox's configuration for whoever is paged, by service. */
export const RUNBOOKS: Record<string, { text: string; never: string[] }> = {
  web: {
    text: '# web\n\n1. Look what the broken ones share: `check @web`\n2. Take the worst one out: `reboot web01` drains it first\n3. Still broken: ask whoever has db, most of it waits for them\n',
    never: ['reboot both of a pair at once'],
  },
  db: {
    text: '# db\n\n1. Which one is the primary: `show @db`\n2. Is its disk full: `check @db`\n3. Only then fail over, with somebody else on the line\n',
    never: ['reboot the primary', 'restart both: the second is the only copy'],
  },
};
