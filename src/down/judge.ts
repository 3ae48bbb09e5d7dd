/** What one place sees: whom it looked at, and who is down from there. */
export interface Sight {
  place: string;
  looked: ReadonlySet<string>;
  down: ReadonlySet<string>;
}

export interface Judged {
  /** Hosts that are down, as far as places agree whose own line holds. */
  down: Set<string>;
  /** Hosts no place can say anything of for now: they stay as they are. */
  unsure: Set<string>;
  /** Places that miss so much at once that it is their own line, and what they miss. */
  cutOff: Map<string, string[]>;
}

/** Fewer than so many troubles at once are no line that broke, however small the fleet. */
const FEWEST = 2;

/**
 * Who is down. A host is when as many places miss it as are asked for, or as there are; a place that misses more than `share` percent at once is cut
 * off itself, and its word counts for nothing meanwhile. A dead parent and its guests are one trouble of these, and hosts that are known to be down
 * are none.
 * @param above what a host stands on
 */
export function judgeDown(
  sights: readonly Sight[],
  known: ReadonlySet<string>,
  above: (host: string) => readonly string[],
  { places, share }: { places: number; share: number },
): Judged {
  const cutOff = new Map<string, string[]>();
  for (const { place, looked, down } of sights) {
    const explained = (host: string): boolean => above(host).some((parent) => parent !== host && down.has(parent));
    const counted = [...looked].filter((host) => !known.has(host) && !explained(host));
    const missing = counted.filter((host) => down.has(host));
    if (missing.length >= FEWEST && missing.length * 100 > share * counted.length)
      cutOff.set(
        place,
        [...down].filter((host) => !known.has(host)),
      );
  }
  const words = sights.filter(({ place }) => !cutOff.has(place));
  const judged: Judged = { down: new Set(), unsure: new Set(), cutOff };
  for (const host of new Set(sights.flatMap(({ looked }) => [...looked]))) {
    const asked = words.filter(({ looked }) => looked.has(host));
    const miss = asked.filter(({ down }) => down.has(host)).length;
    if (asked.length === 0) judged.unsure.add(host);
    else if (miss >= Math.min(places, asked.length)) judged.down.add(host);
  }
  return judged;
}
