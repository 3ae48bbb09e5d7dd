import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ScriptEntries } from '../../src/config/scripts.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { freshModel } from '../../src/sandbox/model.ts';
import { NAMED_ENTRIES, NAMED_FILES } from '../../src/sandbox/named-scripts.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';

const web01 = HOSTS.find(({ name }) => name === 'web01') as RosterHost;
const simulated = (script: string, args: string[] = []) => answerCall({ script, version: 1, args }, web01, freshModel(web01, 0), 0);
const real = (script: string, args: string[] = []) =>
  spawnSync('sh', ['-s', '--', ...args], { input: NAMED_FILES[`${script}.sh`] as string, encoding: 'utf8' });

describe('the scripts the sandbox names', () => {
  test('are a configuration that holds, and texts that sh reads', () => {
    expect(Object.keys(ScriptEntries.parse(NAMED_ENTRIES)).map((name) => `${name}.sh`)).toEqual(Object.keys(NAMED_FILES));
    for (const [file, text] of Object.entries(NAMED_FILES)) {
      expect(text.startsWith(`# holdfast:${file.replace('.sh', '')} v1\n`)).toBe(true);
      expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });

  test('are answered by simulated hosts as the real ones answer', () => {
    for (const answer of [real('disk-usage').stdout, simulated('disk-usage').stdout])
      for (const line of answer.trim().split('\n')) expect(line).toMatch(/^\/\S* \d+%$/);
    for (const answer of [real('disk-usage', ['above=101']).stdout, simulated('disk-usage', ['above=101']).stdout]) expect(answer).toBe('');
    expect(simulated('restart-service', ['service=nginx'])).toMatchObject({ code: 0, stdout: 'nginx is active\n' });
    expect(simulated('restart-service', ['service=postgresql'])).toMatchObject({ code: 5 });
    expect(simulated('maintenance-on')).toMatchObject({ stdout: 'on\n', becomes: { state: { maintenance: true } } });
  });
});
