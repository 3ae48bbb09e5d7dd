import { issue, newAuthority, type Pair, type Wanted } from '../../src/sandbox/certificates/authority.ts';

const DAY = 86_400_000;

export interface Made {
  authority: Pair;
  leaf(wanted?: Partial<Omit<Wanted, 'until'>> & { days?: number }): Promise<Pair>;
}

/** An authority and leaves of it, of wall time. */
export async function made(subject = 'CN=test authority'): Promise<Made> {
  const authority = await newAuthority(subject, Date.now() - 400 * DAY, Date.now() + 3_000 * DAY);
  return {
    authority,
    leaf: ({ days = 90, ...wanted } = {}) => {
      const until = Date.now() + days * DAY;
      return issue(authority, { subject: 'CN=web01', dns: ['web01.example.org'], for: 'server', from: until - 365 * DAY, until, ...wanted });
    },
  };
}

/** As the script hands a block over: one line. */
export const oneLine = (pem: string): string => pem.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, '');

/** The answer of the script that found these files, each with its blocks. */
export const answer = (files: Record<string, readonly string[]>, end = 'certs v1'): string =>
  `${Object.entries(files)
    .map(([path, blocks]) => `file=${path}\nowner=root:root\nmode=644\nmtime=1700000000\n${blocks.map((block) => `${block}\n`).join('')}`)
    .join('')}end=${end}\n`;
