import { parseArgs } from 'node:util';
import type { Problem } from '../../config/problem.ts';
import type { FactValue } from '../host.ts';
import { type Connection, jumpOfProxyCommand, readJumps, readPort } from './connection.ts';
import type { InheritedHost } from './inherit.ts';
import { looksSecret, withoutSecrets } from './secrets.ts';
import { fillIn } from './template.ts';

/** What an Ansible host's variables mean to us: how to reach it, its place in the fleet, and facts. */
export interface ReadHost {
  connection: Connection;
  place: Place;
  vars: Record<string, FactValue>;
}

export interface Place {
  site?: string;
  ring?: string;
  parent?: string;
  redundancy?: string[];
  alertPath?: boolean;
}

/** `paths` makes a path of an identity file from what is written. */
export function readAnsibleHost(host: InheritedHost, paths: (path: string) => string, problems: Problem[]): ReadHost {
  const connection: Connection = {};
  const place: Place = {};
  const facts: Record<string, FactValue> = {};
  for (const [name, { value, origin }] of host.vars) {
    const isOurs = Object.hasOwn(CONNECTION, name) || Object.hasOwn(PLACE, name);
    const plain = fillIn(value, host.name, host.vars);
    const problem = (says: string): void => void problems.push({ ...origin, says: `${host.name}: ${says}` });
    if (plain === undefined) {
      if (isOurs) problem(`${name} is a template that only Ansible can work out (${String(value).slice(0, 60)}): use \`ansible_command\`.`);
    } else if (Object.hasOwn(CONNECTION, name)) {
      if (plain !== '') (CONNECTION[name] as Reader<Connection>)(connection, plain, problem, paths);
    } else if (Object.hasOwn(PLACE, name)) (PLACE[name] as Reader<Place>)(place, plain, problem, paths);
    else if (!looksSecret(name, plain)) facts[name] = withoutSecrets(plain);
  }
  return { connection, place, vars: facts };
}

type Reader<T> = (into: T, value: FactValue, problem: (says: string) => void, paths: (path: string) => string) => void;

const address: Reader<Connection> = (into, value) => {
  into.address = String(value);
};
const port: Reader<Connection> = (into, value, problem) => {
  const read = readPort(value);
  if (read === undefined) problem(`the port ${String(value)} is none: write a number from 1 to 65535.`);
  else into.port = read;
};
const user: Reader<Connection> = (into, value) => {
  into.user = String(value);
};
const identity: Reader<Connection> = (into, value, _, paths) => {
  into.identityFiles = [paths(String(value))];
};
const sshArguments: Reader<Connection> = (into, value, problem, paths) => {
  const options = readSshArguments(String(value));
  if (!options) return problem(`the ssh arguments cannot be read: ${String(value).slice(0, 80)}.`);
  for (const [key, text] of options) {
    if (key === 'proxyjump') into.jump = readJumps(text);
    else if (key === 'proxycommand') {
      const jump = jumpOfProxyCommand(text);
      if (jump) into.jump = [jump];
      else if (text.toLowerCase() !== 'none') into.proxyCommand = text;
      else into.jump = [];
    } else if (key === 'userknownhostsfile' && text !== '/dev/null') into.userKnownHosts = text.split(/\s+/).map(paths);
    else if (key === 'identityfile') into.identityFiles = [...(into.identityFiles ?? []), paths(text)];
    else if (key === 'hostkeyalias') into.hostKeyAlias = text;
    else if (key === 'port') into.port ??= readPort(text) as number;
    else if (key === 'user') into.user ??= text;
    else if (key === 'hostname') into.address ??= text;
  }
};

const CONNECTION: Record<string, Reader<Connection>> = {
  ansible_ssh_host: address,
  ansible_host: address,
  ansible_ssh_port: port,
  ansible_port: port,
  ansible_ssh_user: user,
  ansible_user: user,
  ansible_private_key_file: identity,
  ansible_ssh_private_key_file: identity,
  ansible_ssh_common_args: sshArguments,
  ansible_ssh_extra_args: sshArguments,
};

const PLACE: Record<string, Reader<Place>> = {
  site: (into, value) => {
    into.site = String(value);
  },
  ring: (into, value) => {
    into.ring = String(value);
  },
  parent: (into, value) => {
    into.parent = String(value);
  },
  redundancy: (into, value) => {
    into.redundancy = (Array.isArray(value) ? value.map(String) : String(value).split(',')).map((one) => one.trim()).filter(Boolean);
  },
  alert_path: (into, value, problem) => {
    const text = String(value).toLowerCase();
    if (!/^(yes|no|true|false|on|off|1|0)$/.test(text)) problem(`alert_path is ${text}: write yes or no.`);
    else into.alertPath = /^(yes|true|on|1)$/.test(text);
  },
};

/** `-J`, `-i`, `-p`, `-l` and `-o Name=value` of an ssh command line; flags of no weight are passed over. */
function readSshArguments(text: string): [string, string][] | undefined {
  const words = shellWords(text);
  if (!words) return undefined;
  const { tokens } = parseArgs({
    args: words,
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries([...'oJipl'].map((letter) => [letter, { type: 'string' as const, short: letter, multiple: true }])),
  });
  const named: Record<string, string> = { J: 'proxyjump', i: 'identityfile', p: 'port', l: 'user' };
  return tokens.flatMap((token): [string, string][] => {
    if (token.kind !== 'option' || typeof token.value !== 'string') return [];
    if (token.name !== 'o') return named[token.name] ? [[named[token.name] as string, token.value]] : [];
    const option = /^\s*(\w+)\s*[= ]\s*(.*)$/s.exec(token.value);
    return option ? [[(option[1] as string).toLowerCase(), (option[2] as string).replace(/^(["'])(.*)\1$/, '$2')]] : [];
  });
}

function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+|["']/g)) {
    if (word === '"' || word === "'") return undefined;
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
  return words;
}
