import type { Incident } from './shapes.ts';

/** What nobody outside can be told better, of one that touches no component. */
const UNNAMED = 'Service disruption';

/**
 * What the public reads it is called. The title of one that opened by itself is a machine's, for us: hosts, addresses and runs stand in it. The
 * public has the names of what it touches instead, in their order.
 */
export function publicTitle({ title, byItself, components }: Pick<Incident, 'title' | 'byItself'> & { components: readonly string[] }): string {
  return byItself ? [...components].sort().join(', ') || UNNAMED : title;
}
