import { describe, expect, test } from 'vitest';
import { rebootParams } from '../../src/fleet/reboot/params.ts';
import { load, problemsOf } from './folder.ts';

const FLEET = 'hosts: { web01: { vars: { pool: blue } }, web02: { vars: { pool: green } }, lb01: }\n';
const SCRIPT = '# holdfast:haproxy-state v2\ntrue\n';
const SCRIPTS = 'scripts:\n  haproxy-state: { file: ha.sh, risk: disrupt }\n  looks: { file: looks.sh, risk: read }\n';
const BESIDE = { 'ha.sh': SCRIPT, 'looks.sh': '# holdfast:looks v1\ntrue\n' };
const withHooks = (hooks: string): string => `${FLEET}${SCRIPTS}groups:\n  web:\n    hosts: web[01-02]\n    hooks:\n${hooks}`;

describe('hooks of a group', () => {
  test('are frozen with a reboot, down to the text of the script', async () => {
    const { config } = await load(
      withHooks('      drain: { script: haproxy-state, on: lb01, params: { pool: "{pool}" } }\n      back: { script: drain-guests }\n'),
      BESIDE,
    );
    const targets = [
      { name: 'web01', groups: ['web'] },
      { name: 'lb01', groups: [] },
    ];
    expect(rebootParams(config, targets)).toEqual({
      hooks: {
        web: {
          drain: { script: `haproxy-state@${config.scripts['haproxy-state']?.sha256}`, end: 'haproxy-state v2', on: 'lb01', params: { pool: '{pool}' } },
          back: { script: 'drain-guests', end: 'drain-guests v1', params: {} },
          hosts: ['web01'],
        },
      },
    });
  });

  test('a reboot without hooks has no parameters', async () => {
    expect(rebootParams((await load(FLEET)).config, [{ name: 'web01', groups: ['all'] }])).toEqual({});
  });

  test.each([
    ['drain: { script: nothing-there }', 'groups.web.hooks.drain.script` names `nothing-there`, which is no script'],
    ['drain: { script: check }', 'names `check`, which is no script under `scripts` and no hook'],
    ['drain: { script: looks }', 'names `looks`, whose risk is `read`'],
    ['back: { script: haproxy-state, on: lb02 }', 'groups.web.hooks.back.on` says `lb02`, where it would run for web01, and that is no host'],
    ['drain: { script: haproxy-state, on: "{parent}" }', 'groups.web.hooks.drain.on` has `{parent}`, and web01 has no parent'],
    ['drain: { script: haproxy-state, params: { to: "{rack}" } }', 'groups.web.hooks.drain.params.to` has `{rack}`, and web01 has no variable `rack`'],
    ['drian: { script: haproxy-state }', 'drian` is not known'],
  ])('%s is refused with its place', async (hook, says) => {
    const found = await problemsOf(withHooks(`      ${hook}\n`), BESIDE);
    expect(found).toEqual([expect.stringContaining(says)]);
    expect(found[0]).toMatch(/^9:/);
  });
});
