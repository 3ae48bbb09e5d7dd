import type { ConfigInput } from '../config/schema.ts';
import { factsOf } from './model.ts';
import type { Asked, Simulated } from './simulated.ts';

/**
 * Scripts as a team would name them in its configuration, so that there is something to try: one that reads, one that
 * disrupts, two that take each other back. The texts are real and are sent; simulated hosts answer in their stead.
 */
const NAMED: Record<string, { entry: Omit<NonNullable<ConfigInput['scripts']>[string], 'file'>; text: string; answer: Simulated }> = {
  'disk-usage': {
    entry: { risk: 'read', summary: 'file systems and how full they are', params: { above: { type: 'number', default: 0, summary: 'percent' } } },
    text: `for word; do case $word in above=*) above=\${word#*=} ;; esac; done
LC_ALL=C df -Plk -x tmpfs -x devtmpfs 2>/dev/null | awk -v above="\${above:-0}" 'NR > 1 && $5 + 0 >= above { print $6, $5 }'
`,
    answer: (asked) => {
      const rows = (factsOf(asked.host, asked.model, asked.now, asked.fleet).disk_used ?? []) as { mount: string; used_percent: number }[];
      return says(
        rows.filter(({ used_percent }) => used_percent >= Number(param(asked, 'above') ?? 0)).map(({ mount, used_percent }) => `${mount} ${used_percent}%`),
      );
    },
  },
  'restart-service': {
    entry: {
      risk: 'disrupt',
      root: true,
      summary: 'restarts one service',
      params: { service: { type: 'choice', choices: ['nginx', 'postgresql', 'ssh'], required: true } },
    },
    text: `for word; do case $word in service=*) service=\${word#*=} ;; esac; done
systemctl restart "$service.service" && echo "$service is $(systemctl is-active "$service.service")"
`,
    answer: (asked) => {
      const service = param(asked, 'service') ?? '';
      const runs = { web: 'nginx', db: 'postgresql' }[asked.host.kind as string];
      if (service !== 'ssh' && service !== runs)
        return { code: 5, stdout: '', stderr: `Failed to restart ${service}.service: Unit ${service}.service not found.\n` };
      return says([`${service} is active`]);
    },
  },
  'maintenance-on': {
    entry: { risk: 'change', undo: 'maintenance-off', summary: 'shows the maintenance page' },
    text: `mkdir -p /run/app && : >/run/app/maintenance && echo on\n`,
    answer: () => ({ ...says(['on']), becomes: { state: { maintenance: true } } }),
  },
  'maintenance-off': {
    entry: { risk: 'change', summary: 'takes the maintenance page away' },
    text: `rm -f /run/app/maintenance && echo off\n`,
    answer: () => ({ ...says(['off']), becomes: { state: { maintenance: false } } }),
  },
  'renew-database-cert': {
    entry: { risk: 'change', root: true, summary: 'asks the authority of @kaza for a new certificate of the database; for "rotate certs"' },
    text: `set -e
cd /etc/postgresql/15/main
ask-kaza-ca --names-of server.crt --new-key server.key.new --out server.crt.new
chown postgres:postgres server.key.new server.crt.new
mv -f server.key.new server.key
mv -f server.crt.new server.crt
`,
    answer: () => ({ code: 2, stdout: '', stderr: 'nothing was kept before: let "rotate certs mio cert server" run it\n' }),
  },
};

/** For the table of answers. */
export const NAMED_ANSWERS: Record<string, Simulated> = Object.fromEntries(Object.entries(NAMED).map(([name, { answer }]) => [`${name} v1`, answer]));

/** For the configuration; `NAMED_FILES` stand beside it. */
export const NAMED_ENTRIES: ConfigInput['scripts'] = Object.fromEntries(
  Object.entries(NAMED).map(([name, { entry }]) => [name, { ...entry, file: `${name}.sh` }]),
);

export const NAMED_FILES: Record<string, string> = Object.fromEntries(
  Object.entries(NAMED).map(([name, { text }]) => [`${name}.sh`, `# holdfast:${name} v1\n${text}`]),
);

const says = (printed: readonly string[]) => ({ code: 0, stdout: printed.map((line) => `${line}\n`).join(''), stderr: '' });

const param = ({ args }: Asked, name: string): string | undefined => args.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
