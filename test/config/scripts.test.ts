import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { reload } from '../../src/config/reload.ts';
import { readScript, useConfigured } from '../../src/fleet/scripts/read.ts';
import { stdinOf } from '../../src/fleet/ssh/stdin.ts';
import { load, problemsOf } from './folder.ts';

const DRAIN = '# holdfast:drain-web v3\nset -eu\necho "drained=$1"\necho "end=drain-web v3"\n';
const WITH = (rest: string) => `hosts: { web01: }\nscripts:\n${rest}`;

describe('scripts that a configuration names', () => {
  test('are read with it, and their text is known by its sum', async () => {
    const { config } = await load(
      WITH(
        '  drain-web: { file: hooks/drain.sh, risk: disrupt, root: true, timeout: 90s, undo: back-web, params: { service: { required: true }, wait: { type: number, default: 5 }, how: { type: choice, choices: [soft, hard] }, note: } }\n  back-web: { file: back.sh, risk: change }\n',
      ),
      { 'hooks/drain.sh': DRAIN, 'back.sh': '# holdfast:back-web v1\ntrue\n' },
    );
    expect(config.scripts['drain-web']).toMatchObject({ version: 3, body: DRAIN, risk: 'disrupt', timeout: 90_000, root: true, undo: 'back-web' });
    expect(config.scripts['drain-web']?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(config.scripts['drain-web']?.params).toMatchObject({
      service: { type: 'word', required: true },
      wait: { type: 'number', default: '5' },
      note: { type: 'word' },
    });
    expect(config.scripts['back-web']).toMatchObject({ timeout: 20_000, root: false, params: {} });
  });

  test('each say what is wrong with them, with its place in the file where it stands', async () => {
    const beside = {
      'other.sh': '# holdfast:something-else v1\ntrue\n',
      'bash.sh': '#!/bin/bash\necho\n',
      'windows.sh': '# holdfast:windows v1\ntrue\r\n',
      'empty.sh': '# holdfast:empty v1\n# nothing yet\n',
      'good.sh': '# holdfast:asks v1\ntrue\n',
    };
    const found = await problemsOf(
      WITH(
        [
          '  check: { file: good.sh, risk: read }',
          '  mine: { file: other.sh, risk: read }',
          '  bash: { file: bash.sh, risk: change }',
          '  windows: { file: windows.sh, risk: change }',
          '  empty: { file: empty.sh, risk: change }',
          '  gone: { file: nosuch.sh, risk: change, undo: never }',
          '  asks: { file: good.sh, risk: read, timeout: 2h }',
          '  Shout: { file: good.sh, risk: read }',
          '  odd: { file: good.sh, risk: maybe, params: { batch: , many: { type: number, default: few }, one: { type: choice }, both: { required: true, default: x } } }',
          '',
        ].join('\n'),
      ),
      beside,
    );
    const all = found.join('\n');
    expect(all).toContain('3:3: `scripts.check`: Holdfast has a script of that name itself');
    expect(all).toContain('1:1: must begin with the line `# holdfast:bash v1`; it takes the place of `#!`');
    expect(all).toContain('1:12: calls itself `something-else`, and `scripts.mine` names it');
    expect(all).toContain('2:5: has the line ends of Windows');
    expect(all).toContain('1:1: does nothing');
    expect(all).toMatch(/8:17: `scripts\.gone\.file` names .*nosuch\.sh, which does not exist/);
    expect(all).toContain('`scripts.gone.undo` names `never`, and there is no such script');
    expect(all).toMatch(/9:\d+: `scripts\.asks\.timeout` must be at most `5m`/);
    expect(all).toMatch(/10:3: `Shout` is no name for a script/);
    expect(all).toMatch(/`scripts\.odd\.risk` must be `read`, `change` or `disrupt`/);
    expect(all).toMatch(/`batch` is a word of the command `script` itself/);
    expect(all).toMatch(/`scripts\.odd\.params\.one` needs `choices`/);
    expect(all).toMatch(/`scripts\.odd\.params\.both` is required and has a default/);
  });

  test('a file that everyone can change is refused: it is run on every host', async () => {
    const { file } = await load(WITH('  asks: { file: good.sh, risk: read }\n'), { 'good.sh': '# holdfast:asks v1\ntrue\n' });
    chmodSync(join(dirname(file), 'good.sh'), 0o666);
    await expect(loadConfig(file, { env: {}, home: '/' })).rejects.toThrow(/everyone on this machine can change/);
  });

  test('a file that changes counts from the next reading of the configuration, and a broken one leaves what was in force', async () => {
    const first = await load(WITH('  drain-web: { file: d.sh, risk: change }\n'), { 'd.sh': DRAIN });
    const path = join(dirname(first.file), 'd.sh');
    writeFileSync(path, DRAIN.replace('drained', 'emptied'));
    const second = await reload(first, { env: {}, home: '/' });
    expect(second.says).toMatch(/In force now: .*scripts\./);
    expect(second.loaded.config.scripts['drain-web']?.body).toContain('emptied');
    rmSync(path);
    const third = await reload(second.loaded, { env: {}, home: '/' });
    expect(third.kind).toBe('kept');
    expect(third.loaded.config.scripts['drain-web']?.body).toContain('emptied');
  });
});

describe('what goes over SSH', () => {
  const script = (body: string, sha256: string) => ({ version: 1, body, sha256, root: false });

  test('is the text in force, not the one of the last call', () => {
    useConfigured({ hello: script('# holdfast:hello v1\necho one\n', 'aa') });
    expect(stdinOf({ script: 'hello', args: ['x'] }).toString()).toContain('echo one');
    const before = stdinOf({ script: 'hello', args: ['x'] });
    useConfigured({ hello: script('# holdfast:hello v1\necho one\n', 'aa') });
    expect(stdinOf({ script: 'hello', args: ['x'] })).toBe(before);
    useConfigured({ hello: script('# holdfast:hello v1\necho two\n', 'bb') });
    expect(stdinOf({ script: 'hello', args: ['x'] }).toString()).toContain('echo two');
  });

  test('is exactly what was approved where the sum is said, whatever came since', () => {
    useConfigured({ hello: script('# holdfast:hello v1\necho one\n', 'aa') });
    useConfigured({ hello: script('# holdfast:hello v1\necho two\n', 'bb') });
    expect(readScript('hello@aa').text).toContain('echo one');
    expect(readScript('hello@aa').name).toBe('hello');
    expect(() => readScript('hello@cc')).toThrow('is not the script that was planned');
  });

  test('is nothing once the configuration no longer names it; what Holdfast brings itself stays', () => {
    useConfigured({ hello: script('# holdfast:hello v1\necho one\n', 'aa') });
    useConfigured({});
    expect(() => readScript('hello')).toThrow();
    expect(readScript('reach').name).toBe('reach');
  });
});
