/** What an incident is about, as far as one can tell whether something else is the same trouble. */
export interface About {
  hosts: readonly string[];
  /** Services somebody answers for. */
  services: readonly string[];
  /** What its hosts stand on. */
  parents: readonly string[];
}

/**
 * The open incident that something new belongs to, and why; undefined where it is a trouble of its own. One host in common counts most, then the
 * parent, then the service; of several the one that was opened first.
 */
export function joins(news: About, open: readonly (About & { id: string })[]): { id: string; because: string } | undefined {
  for (const { say, shared } of WAYS) {
    for (const one of open) {
      const found = shared(news, one);
      if (found !== undefined) return { id: one.id, because: `${say} ${found}` };
    }
  }
  return undefined;
}

const WAYS: { say: string; shared(news: About, open: About): string | undefined }[] = [
  { say: 'same host', shared: (news, open) => common(news.hosts, open.hosts) },
  // A guest of a host that is in it, or a host whose guests are.
  { say: 'same parent', shared: (news, open) => common(news.parents, [...open.hosts, ...open.parents]) ?? common(news.hosts, open.parents) },
  { say: 'same service', shared: (news, open) => common(news.services, open.services) },
];

function common(some: readonly string[], others: readonly string[]): string | undefined {
  const all = new Set(others);
  return some.find((name) => all.has(name));
}
