import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/root.ts';
import { folderWith } from './config/folder.ts';
import { findProgram } from './engines.ts';
import { finished, holdfast } from './front-door/holdfast.ts';

const page = readFileSync(join(packageRoot, 'docs', 'automation.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, of]) => of === language).map(([, , text = '']) => text);

test.skipIf(!findProgram('curl'))('what docs/automation.md says to type works as it stands there (needs curl)', { timeout: 90_000 }, async () => {
  const [config = ''] = blocks('yaml');
  const commands = blocks('sh');
  expect(commands.length).toBeGreaterThan(6);
  const key = 'a-key-of-more-than-24-characters';
  const folder = folderWith({
    'holdfast.yaml': `${config.replace('port: 8081', 'port: 18081')}people: { ada: { role: operator } }\nhosts: { "web[01-03]": { address: 127.0.0.1, port: 1, groups: web } }\ndown: { watch: false }\n`,
    'zincati.key': `${key}-of-zincati\n`,
  });
  const env = { CI_KEY: key, HOLDFAST_DATA: join(folder, 'data'), HOLDFAST_LOG: 'info', PRIVATE_PORT: '0' };
  const program = holdfast(['start', '--config', join(folder, 'holdfast.yaml')], { env, stdin: 'ignore' });
  try {
    const [, url = ''] = await program.logs(/other automation is heard on (http:\/\/127\.0\.0\.1:\d+)/);
    const said: string[] = [];
    for (const command of commands) {
      const answer = await shell(command, { HOLDFAST: url, KEY: key, ZINCATI_KEY: `${key}-of-zincati` });
      expect(answer, command).toMatchObject({ code: 0 });
      said.push(answer.out);
      // "A person says go."
      if (answer.out.includes('error rate')) expect((await finished(['exec', '--config', join(folder, 'holdfast.yaml'), 'go'], { env })).code).toBe(0);
    }
    expect(said[0]).toMatch(/"run":"R1".*waits for approval/);
    expect(said[1]).toContain('"run":"R2"');
    expect(said[2]).toMatch(/"id":"R1","state":"planned"/);
    expect(said.join('\n')).toContain('"budgets":["site:-","fleetlock:default"]');
    expect(said.at(-1)).toContain('{"ready":true,');
  } finally {
    program.child.kill('SIGTERM');
    await program.ended;
  }
});

function shell(command: string, env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-ec', command], { env: { PATH: process.env.PATH, ...env } });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (out += data));
    child.on('close', (code) => resolve({ code, out }));
  });
}
