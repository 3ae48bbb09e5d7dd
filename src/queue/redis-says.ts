import type { Advice } from './engine.ts';

/**
 * What a Redis means that answers and refuses; undefined for what is no refusal of this kind.
 * Source: the error codes of Redis 7 (server.c, `rejectCommand`).
 */
export function refusalOf(error: Error): Advice | undefined {
  return REFUSALS.find(({ code }) => code.test(error.message))?.advice;
}

/** How the servers keep what they are given, from their `INFO memory` and `INFO persistence`. */
export function adviceOn(told: readonly string[]): Advice[] {
  const all = (key: string): string[] => told.map((info) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '');
  const evicting = all('maxmemory_policy').find((policy) => policy !== '' && policy !== 'noeviction');
  return [
    ...(evicting
      ? [
          {
            says: `Redis throws work away when it is full (maxmemory-policy ${evicting}); it would be sent again minutes late`,
            remedy: 'set "maxmemory-policy noeviction" in redis.conf, or the parameter of that name of the service',
          },
        ]
      : []),
    ...(all('aof_enabled').includes('0')
      ? [
          {
            says: 'Redis forgets the queue when it restarts (appendonly no); all of it would be sent again',
            remedy: 'set "appendonly yes" in redis.conf, or the parameter of that name of the service',
            bearable: true as const,
          },
        ]
      : []),
  ];
}

const REFUSALS: { code: RegExp; advice: Advice }[] = [
  {
    code: /\bOOM\b/,
    advice: { says: 'is full and takes no work (maxmemory is reached)', remedy: 'raise maxmemory, or take out what else is kept there' },
  },
  {
    code: /READONLY/,
    advice: {
      says: 'is a read-only copy and takes no work',
      remedy: 'name the master in redis.url, or the sentinels that know it (redis+sentinel://…)',
    },
  },
  {
    code: /NOREPLICAS/,
    advice: {
      says: 'takes no work because too few of its copies are in step (min-replicas-to-write)',
      remedy: 'bring a copy back; keep two, so that one is left when a copy takes over',
    },
  },
  {
    code: /MISCONF/,
    advice: { says: 'cannot write its disk and takes no work', remedy: 'look at its log and the space on its disk' },
  },
  {
    code: /CLUSTERDOWN/,
    advice: { says: 'is a cluster with a part missing and takes no work', remedy: 'look at redis-cli --cluster check; give every master a copy' },
  },
  {
    code: /^(CROSSSLOT|MOVED)/,
    advice: { says: 'is a cluster, and was not named as one', remedy: 'write redis+cluster://host1:6379,host2:6379 in redis.url' },
  },
  {
    code: /cluster support disabled/,
    advice: { says: 'is no cluster, and was named as one', remedy: 'write redis://host:6379 in redis.url' },
  },
  {
    code: /No such master with that name/,
    advice: { says: 'is not known to its sentinels by this name', remedy: 'write the name of their "sentinel monitor <name> …" after the last / of redis.url' },
  },
  {
    code: /NOAUTH|WRONGPASS|NOPERM/,
    advice: {
      says: 'does not let this user in, or not to what a queue needs',
      remedy: 'look at user and password in redis.url (for sentinels with their own: ?sentinel-password=…), and at ACL LOG there',
    },
  },
  { code: /\bLOADING\b/, advice: { says: 'is still reading its files', remedy: 'wait; it says in its log how far it is' } },
];
