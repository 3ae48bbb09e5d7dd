import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/config/secret.ts';
import { load, problemsOf } from './folder.ts';

const url = (text: string) => `database: { url: "${text}" }\n`;

describe('secrets', () => {
  test('come from the environment or from a file beside the configuration, its last line end taken off', async () => {
    const fromEnv = await load(url('${env:DB}'), {}, { env: { DB: 'postgres://h/d' } });
    expect(fromEnv.config.database?.url.reveal()).toBe('postgres://h/d');
    const fromFile = await load(url('${file:secrets/url}'), { 'secrets/url': 'postgres://h/e\n' });
    expect(fromFile.config.database?.url.reveal()).toBe('postgres://h/e');
  });

  test('a password put into a URL may hold any sign', async () => {
    const { config } = await load(url('postgres://u:${file:pw}@h/d'), { pw: 'p@ss/w:rd\n' });
    expect(decodeURIComponent(new URL(config.database?.url.reveal() ?? '').password)).toBe('p@ss/w:rd');
  });

  test('are shown nowhere: not as JSON, not in a message, not by the inspector, not in what `show` prints', async () => {
    const { config } = await load(url('postgres://u:hunter2@h/d'));
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 }), `${config.database?.url}`, JSON.stringify(redact(config))]) {
      expect(shown).not.toContain('hunter2');
    }
    expect(redact(config)).toMatchObject({ database: { url: '[secret]' }, ssh: { connect: 5000 } });
  });

  test('what is missing is named by its key', async () => {
    expect(await problemsOf(url('${env:NOPE}'))).toEqual([expect.stringMatching(/^1:18: `database\.url` reads \$\{env:NOPE\}, and NOPE is not set/)]);
    expect(await problemsOf(url('${file:nope}'))).toEqual([expect.stringMatching(/`database\.url` reads \$\{file:nope\}, and \/.*\/nope does not exist/)]);
    expect(await problemsOf(url('${file:void}'), { void: '\n' })).toEqual([expect.stringMatching(/void is empty/)]);
    expect(await problemsOf(url('${vault:x}'))).toEqual([expect.stringMatching(/write \$\{env:NAME\} or \$\{file:path\}/)]);
  });

  test('a password in a file that everyone can read is refused, with what to do', async () => {
    const text = url('postgres://u:hunter2@h/d');
    expect(await problemsOf(text, {}, { mode: 0o600 })).toEqual([]);
    const [problem, ...more] = await problemsOf(text, {}, { mode: 0o644 });
    expect(problem).toMatch(
      /^1:18: `database\.url` holds a password, and everyone on this machine can read the file \(mode 0644\): `chmod 600 .*holdfast\.yaml`, or keep it apart as `postgres:\/\/user:\$\{file:password\}@host`/,
    );
    expect(problem).not.toContain('hunter2');
    expect(more).toEqual([]);
    expect(await problemsOf(url('postgres://u:${env:PW}@h/d'), {}, { mode: 0o644, env: { PW: 'x' } })).toEqual([]);
    for (const without of ['postgres://u@h:5432/d?email=a@b', 'postgres://h:5432/d', 'postgres://u:${env:PW}@h/d?x=y']) {
      expect(await problemsOf(url(without), {}, { mode: 0o644, env: { PW: 'x' } }), without).toEqual([]);
    }
    for (const within of ['postgres://h/d?user=u&password=hunter2', 'postgres://u:hunt/er2@h/d', 'postgres://u:hunter2@h/d?email=a@b']) {
      expect(await problemsOf(url(within), {}, { mode: 0o644 }), within).toHaveLength(1);
    }
    expect(await problemsOf('people: { ada: { ntfy: adas-phone-8f3 } }\n', {}, { mode: 0o644 })).toEqual([
      expect.stringMatching(/`people\.ada\.ntfy` holds a secret topic/),
    ]);
  });

  test('no problem quotes what may be a password in the wrong place', async () => {
    const found = await problemsOf(
      'database: postgres://u:hunter2@h/d\nredis: { url: hunter2 }\nhosts: { a: { vars: { ansible_password: hunter2 } } }\n',
      {},
      { mode: 0o644 },
    );
    expect(found).toHaveLength(4);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  test('are not read into arguments, which everyone on the machine can see', async () => {
    expect(await problemsOf('log_server: { command: [get, "${env:TOKEN}", "{host}"] }\n', {}, { env: { TOKEN: 'x' } })).toEqual([
      expect.stringMatching(/^1:30: `log_server\.command` has a \$\{…\}; only secrets are read that way/),
    ]);
  });

  test('DATABASE_URL and REDIS_URL count where the file is silent', async () => {
    const env = { DATABASE_URL: 'postgres://env/d', REDIS_URL: 'redis://env' };
    const silent = await load('name: x\n', {}, { env, mode: 0o644 });
    expect([silent.config.database?.url.reveal(), silent.config.redis?.url.reveal()]).toEqual(Object.values(env));
    expect((await load(url('postgres://file/d'), {}, { env })).config.database?.url.reveal()).toBe('postgres://file/d');
    expect((await load('name: x\n', {}, { env: { DATABASE_URL: 'mysql://x' } }).catch((error: Error) => error.message)) as string).toMatch(
      /DATABASE_URL in the environment: must be the URL of a Postgres server/,
    );
  });
});
