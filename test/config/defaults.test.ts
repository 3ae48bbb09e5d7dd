import { describe, expect, test } from 'vitest';
import { DEFAULTS, defaultsOf, listDefaults, SANDBOX_OVERRIDES } from '../../src/config/defaults.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import { load, problemsOf } from './folder.ts';

describe('defaults', () => {
  test('hold what commands.md promises when nobody says anything', async () => {
    const { config } = await load('name: x\n');
    expect(defaultsOf(config)).toMatchObject({
      'approval.hosts': 5,
      'batch.first': [1, 2],
      'halt.lost': 1,
      'soak.canary': 600_000,
      'ssh.auth': 8_000,
      'check.first_words': 1_500,
      'hold.length': 72 * 3_600_000,
      'page.quiet_from': '22:00',
      'incident.page_major': 'high',
    });
    expect(listDefaults(config).filter(({ insteadOf }) => insteadOf !== undefined)).toEqual([]);
  });

  test('are overridden in the configuration, and the list says what from', async () => {
    const { config } = await load('defaults: { soak.canary: 20m, batch.first: [1, 2, 4], page.quiet_from: "23:00" }\nssh: { connect: 8s }\n');
    expect(defaultsOf(config)).toMatchObject({ 'soak.canary': 1_200_000, 'ssh.connect': 8_000, 'soak.wave': 120_000 });
    expect(
      listDefaults(config)
        .filter(({ insteadOf }) => insteadOf)
        .map(({ name, says, insteadOf }) => `${name}: ${says}, instead of ${insteadOf}`),
    ).toEqual([
      'ssh.connect: 8 s, instead of 5 s',
      'batch.first: 1, 2, 4, instead of 1, 2',
      'soak.canary: 20 min, instead of 10 min',
      'page.quiet_from: 23:00, instead of 22:00',
    ]);
  });

  test('each refuses what is not of its kind', async () => {
    expect(
      await problemsOf(
        'defaults: { soak.canary: 20, batch.first: [], halt.lost: 0, page.typed: loud, page.quiet_from: 25:00, batch.keep_quorum: maybe, batch.share: 0 }\n',
      ),
    ).toHaveLength(7);
  });

  test('what is written for one is what it already is: every built-in value passes its own field', () => {
    for (const [name, { value, unit, field }] of Object.entries(DEFAULTS)) {
      const written = unit === 'ms' ? `${Number(value) / 1000}s` : value;
      expect((field() as { parse(written: unknown): unknown }).parse(written), name).toEqual(value);
    }
  });

  test('the sandbox soaks two minutes and tries a person on every channel at once', () => {
    const config = ConfigSchema.parse({ defaults: SANDBOX_OVERRIDES });
    expect(defaultsOf(config)).toMatchObject({
      'soak.canary': 120_000,
      'soak.wave_parent': 120_000,
      'page.high_sms': 0,
      'page.high_next': 300_000,
      'soak.nonprod': 72 * 3_600_000,
    });
  });
});
