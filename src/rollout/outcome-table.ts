import { type Attribute, attributesOf } from './outcomes/attributes.ts';
import { excludeBy } from './outcomes/exclude.ts';
import { type Group, groupsOf } from './outcomes/groups.ts';
import { isBad, type TouchedHost } from './outcomes/touched.ts';

export interface OutcomeRow {
  attribute: string;
  /** `xen 4.2: 9/10 lost, xen 4.11: 0/6, nitro: 0/4` */
  says: string;
  /** How much of who failed it explains, 0 to 1; chance taken off. */
  parts: number;
}

export interface OutcomeTable {
  /** The one that parts failed from well best comes first. */
  rows: OutcomeRow[];
  /** Leaves out what the first row says, where it says enough: `exclude @all where xen < 4.6 from package "linux-image*" because …`. */
  exclude?: string;
}

/**
 * What the failing share and the others do not: attribute by outcome. `from` is what they are to be kept from: `job reboot`,
 * `package "linux-image*"`. Nothing to say = no rows. Hosts to which nothing was done, or of which nobody knows, do not count.
 */
export function outcomeTable(hosts: readonly TouchedHost[], { from, run, target = '@all' }: { from: string; run: string; target?: string }): OutcomeTable {
  const touched = hosts.filter(({ outcome }) => outcome === 'ok' || isBad(outcome));
  const bad = touched.filter(({ outcome }) => isBad(outcome));
  if (bad.length === 0 || bad.length === touched.length) return { rows: [] };
  const how = [...new Set(bad.map(({ outcome }) => outcome))].sort().reverse().join(' or ');

  const parted = attributesOf(touched)
    .map((attribute) => ({ attribute, groups: groupsOf(attribute, touched) }))
    .filter(({ groups }) => groups.length > 1 && groups.length <= Math.max(2, touched.length / 2))
    .map((one) => ({ ...one, parts: partsBy(one.groups) }))
    .filter(({ parts }) => parts > TOO_WEAK)
    .sort((a, b) => b.parts - a.parts || a.groups.length - b.groups.length);
  const rows = parted.slice(0, SHOWN).map(({ attribute, groups, parts }) => ({ attribute: attribute.name, says: say(groups, how), parts }));
  const [top] = parted;
  const where = top && top.parts >= ENOUGH ? excludeBy(top.attribute, top.groups, target) : undefined;
  return { rows, ...(where !== undefined && { exclude: `exclude ${where} from ${from} because ${because(top as Parted, how, run)}` }) };
}

interface Parted {
  attribute: Attribute;
  groups: Group[];
}

const SHOWN = 5;
/** Chance alone looks like this among a dozen hosts and as many attributes. */
const TOO_WEAK = 0.05;
/** From here on a rule may be offered; a person makes it. */
const ENOUGH = 0.3;

/** `xen 4.2: 9/10 lost, xen 4.11: 0/6, nitro: 0/4`, the worst first. */
function say(groups: readonly Group[], how: string): string {
  const sorted = [...groups].sort((a, b) => b.bad / b.of - a.bad / a.of || b.bad - a.bad || b.of - a.of);
  const shown = sorted.slice(0, 4).map(({ label, bad, of }, at) => `${label}: ${bad}/${of}${at === 0 ? ` ${how}` : ''}`);
  const rest = sorted.slice(4);
  if (rest.length > 0) shown.push(`${rest.length} others: ${rest.reduce((sum, { bad }) => sum + bad, 0)}/${rest.reduce((sum, { of }) => sum + of, 0)}`);
  return shown.join(', ');
}

function because({ groups }: Parted, how: string, run: string): string {
  const worst = [...groups].sort((a, b) => b.bad / b.of - a.bad / a.of || b.of - a.of)[0] as Group;
  return `${worst.bad} of ${worst.of} with ${worst.label} ${worst.bad === 1 ? 'was' : 'were'} ${how} in ${run}`;
}

/** Share of the doubt about who fails that knowing the group takes away, less what as many groups of chance would. */
function partsBy(groups: readonly Group[]): number {
  const of = groups.reduce((sum, group) => sum + group.of, 0);
  const bad = groups.reduce((sum, group) => sum + group.bad, 0);
  const left = groups.reduce((sum, group) => sum + (group.of / of) * doubt(group.bad / group.of), 0);
  // Miller and Madow's bias of the plug-in estimate, in bits.
  const chance = (groups.length - 1) / (2 * of * Math.LN2);
  return Math.max(0, (doubt(bad / of) - left - chance) / doubt(bad / of));
}

/** Bits. */
const doubt = (share: number): number => (share <= 0 || share >= 1 ? 0 : -share * Math.log2(share) - (1 - share) * Math.log2(1 - share));
