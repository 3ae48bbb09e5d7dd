import { zoneOfMachine } from '../zone.ts';

/** Who and what there is in the sandbox before anybody touches it. */
export interface RosterHost {
  name: string;
  kind: 'web' | 'db' | 'kvm' | 'lab' | 'mon' | 'lb' | 'kaza';
  site: 'bne' | 'mel' | 'syd';
  ring: 'prod' | 'lab';
  /** The hypervisor it is a guest of; metal has none. */
  parent?: string;
  /** The group of hosts that must not be down together. */
  redundancy?: string;
  alertPath?: boolean;
}

const two = (n: number): string => String(n).padStart(2, '0');

/**
 * Pairs of guests stand in different sites. The second of a pair sits one hypervisor further on, so that kvm01 and
 * kvm07, the first of each site and the first two a run would take, never carry the same pair.
 */
const guest = (kind: 'web' | 'db' | 'lab', index: number, first: number): RosterHost => {
  const pair = Math.ceil(index / 2);
  const inMel = index % 2 === 0;
  return {
    name: `${kind}${two(index)}`,
    kind,
    site: inMel ? 'mel' : 'bne',
    ring: kind === 'lab' ? 'lab' : 'prod',
    parent: `kvm${two(first + pair - 1 + (inMel ? 7 : 0))}`,
    ...(kind === 'lab' ? {} : { redundancy: kind === 'db' ? 'db-pair' : `web-pair${pair}` }),
  };
};

/** Hypervisors pair up inside their site: each holds the second copy of its neighbour's disks. */
const hypervisor = (index: number): RosterHost => ({
  name: `kvm${two(index)}`,
  kind: 'kvm',
  site: index <= 6 ? 'bne' : 'mel',
  ring: 'prod',
  redundancy: `kvm-pair${Math.ceil(index / 2)}`,
});

const kaza = (name: string): RosterHost => ({ name, kind: 'kaza', site: 'syd', ring: 'prod' });

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

export const HOSTS: readonly RosterHost[] = [
  ...upTo(6).map((n) => guest('web', n, 1)),
  ...upTo(2).map((n) => guest('db', n, 4)),
  ...upTo(12).map(hypervisor),
  ...upTo(2).map((n) => guest('lab', n, 5)),
  { name: 'mon01', kind: 'mon', site: 'bne', ring: 'prod', alertPath: true },
  { name: 'lb01', kind: 'lb', site: 'mel', ring: 'prod' },
  // A small cluster with an authority of its own: the master, its nodes, the database.
  kaza('kyousuke'),
  ...['masato', 'kengo', 'riki'].map((name): RosterHost => ({ ...kaza(name), redundancy: 'kaza-nodes' })),
  kaza('mio'),
];

/** Groups by name; `all`, the sites, the rings and the redundancy groups are made by the inventory. */
export const GROUPS = ['web', 'db', 'kvm', 'lab', 'kaza'] as const;

/** `you` sits at the terminal and so in the machine's own zone; the others are spread so that somebody is always asleep. */
export const PEOPLE = [
  { name: 'you', display: 'You', role: 'admin', zone: zoneOfMachine(), pronoun: 'them' },
  { name: 'ada', display: 'Ada', role: 'operator', zone: 'Europe/Berlin', pronoun: 'her' },
  { name: 'pepe', display: 'Pepe', role: 'operator', zone: 'America/Lima', pronoun: 'him' },
  { name: 'kim', display: 'Kim', role: 'operator', zone: 'Asia/Seoul', pronoun: 'her' },
] as const;

/** Who answers for every group, and who is asked after her. */
export const OWNER = 'ada';
export const BACKUPS = ['pepe', 'kim'] as const;
