import { describe, expect, test } from 'vitest';
import { checkArgs, type Probe } from '../../src/fleet/scripts/check-args.ts';
import { checkContract } from '../../src/fleet/scripts/contract.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { readFault, withFault } from '../../src/sandbox/faults.ts';
import { freshModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const web01 = HOSTS.find(({ name }) => name === 'web01') as RosterHost;
const PROBES: Probe[] = [
  { name: 'https', port: 443 },
  { http: 'http://localhost:8080/health' },
  { name: 'page', http: 'https://localhost/', contains: 'Welcome' },
  { command: ['pg_isready', '-q'] },
];
const ask = (args: string[], ...faults: string[]) => {
  const model = faults.reduce((before, fault) => withFault(before, readFault(fault, NOW)), freshModel(web01, NOW));
  return answerCall({ script: 'check', version: 1, args }, web01, model, NOW);
};
const rows = (stdout: string): unknown[] => [...stdout.matchAll(/^probes\{\}=(.+)$/gm)].map(([, row]) => JSON.parse(row as string));

describe('service probes of a simulated host', () => {
  test('find what the host listens on', () => {
    const { stdout } = ask(checkArgs(PROBES));
    expect(checkContract(stdout)).toEqual([]);
    expect(rows(stdout)).toEqual([
      { name: 'https', ok: true, ms: 10 },
      { name: 'http://localhost:8080/health', ok: false, ms: 10, detail: 'no answer' },
      { name: 'page', ok: true, ms: 10 },
      { name: 'pg_isready', ok: true, ms: 10 },
    ]);
  });

  test('fail once it no longer listens', () => {
    expect(rows(ask(checkArgs(PROBES), 'listeners=22').stdout)[0]).toEqual({ name: 'https', ok: false, ms: 10, detail: 'nothing listens on 443' });
  });

  test('say what a person made them say', () => {
    expect(rows(ask(checkArgs(PROBES), 'probes=[{"name":"https","ok":false}]').stdout)).toEqual([{ name: 'https', ok: false }]);
  });

  test('are absent where none are configured', () => {
    expect(ask([]).stdout).not.toContain('probes');
  });
});

test('arguments that are no probes are refused, not guessed at', () => {
  expect(ask(['port', 'https'])).toMatchObject({ code: 127, stdout: '' });
});
