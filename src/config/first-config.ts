import { dirname, join, relative } from 'node:path';
import type { Source } from '../fleet/inventory/input.ts';
import { packageRoot } from '../root.ts';

export interface FirstConfig {
  /** Where it will stand; paths beneath its folder are written relative to it. */
  out: string;
  name: string;
  timezone: string;
  sources: readonly Source[];
  /** An ssh config that says how hosts are reached, when it is not a source itself. */
  sshConfig?: string;
  /** File of Holdfast's own beside the configuration. */
  knownHosts: string;
  /** Who runs `init`: their Unix login; absent for root and other logins that are no person. */
  login?: string;
}

/** The text of a first `holdfast.yaml`: what was found, and as comments what else there is. */
export function firstConfig(found: FirstConfig): string {
  const path = (absolute: string): string => scalar(pathFrom(dirname(found.out), absolute));
  return `# yaml-language-server: $schema=${join(packageRoot, 'docs', 'holdfast.schema.json')}
#
# Written by \`holdfast init\`. All it may say: docs/configuration.md. A running Holdfast reads it again on SIGHUP
# (\`systemctl reload holdfast\`): a wrong one is refused, with every problem and its line, and the old one stays.

name: ${scalar(found.name)}
timezone: ${scalar(found.timezone)}

# Where hosts come from, read anew each time. Groups and variables come along; \`hosts:\` adds to them.
inventory:
${found.sources.map((source) => `  - ${sayThe(source, path)}`).join('\n')}

ssh:
${found.sshConfig === undefined ? '' : `  # How hosts are reached: users, ports, keys, jump hosts.\n  config: ${path(found.sshConfig)}\n`}  # Host keys confirmed for Holdfast, looked at besides those ssh itself knows.
  known_hosts: ${path(found.knownHosts)}

# Who may do what: \`known\` reads, pages and stops; \`operator\` changes; \`admin\` says who may. \`operator on @web\` only there.
${people(found)}
# What inventories do not say of their groups.
# groups:
#   web:
#     ring: prod                 # lab, nonprod, prod: changes go in this order
#     site: bne
#     redundancy: true           # its members must not be down together
#     probes:                    # asked on each host at every check
#       - port: 443
#       - http: http://localhost/health
#         status: 200
# sites:
#   bne:
#     jump: bastion.bne.example.org

# Where people type and read. \`npx holdfast manifest slack\` and \`npx holdfast manifest discord\` say how these are come by.
# slack:
#   bot_token: \${file:slack-bot-token}
#   app_token: \${file:slack-app-token}
# discord:
#   token: \${file:discord-token}
# channels:
#   ops: { slack: C012AB3CD, news: [incident, run, page, hold] }

# More than one machine of Holdfast, or more than 50 hosts: a Postgres server. Secrets are \${env:NAME} or \${file:path}.
# database:
#   url: postgres://holdfast:\${file:db-password}@db.example.org/holdfast

# What happens when nobody says anything; \`show defaults\` lists it all.
# defaults:
#   soak.canary: 10m
`;
}

function sayThe(source: Source, path: (absolute: string) => string): string {
  if ('ansible' in source) return `ansible: ${path(source.ansible)}`;
  if ('ssh_config' in source) return `ssh_config: ${path(source.ssh_config)}`;
  return `ansible_command: [${source.ansible_command.map(scalar).join(', ')}]`;
}

function people({ login }: FirstConfig): string {
  if (login === undefined)
    return '# people:\n#   ada:\n#     role: admin\n#     login: ada                 # the Unix login that acts as her in `holdfast exec`\n';
  return `people:\n  ${login}:\n    role: admin\n    login: ${scalar(login)}                 # the Unix login that acts as this person in \`holdfast exec\`\n`;
}

function pathFrom(folder: string, absolute: string): string {
  const beneath = relative(folder, absolute);
  return beneath === '' || beneath.startsWith('..') ? absolute : beneath;
}

/** Plain where YAML reads it as the same text, else in quotes: JSON's strings are YAML's. */
const scalar = (text: string): string =>
  /^[A-Za-z_./][\w./@+-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n|\.(inf|nan))$/i.test(text) && !/^\.\d/.test(text) ? text : JSON.stringify(text);
