import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/load.ts';
import { packageRoot } from '../src/root.ts';
import { freePort } from './engines.ts';

const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8');
const compose = parse(read('docker-compose.yml')) as Compose;

/** No Docker runs here: what can be known of the two files without it is held here. */
describe('docker-compose.yml', () => {
  test('brings up Postgres, Redis and Holdfast, and Holdfast last', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['holdfast', 'postgres', 'redis']);
    expect(compose.services.holdfast?.depends_on).toEqual({ postgres: { condition: 'service_healthy' }, redis: { condition: 'service_healthy' } });
    expect(compose.services.postgres?.healthcheck).toBeDefined();
    expect(compose.services.redis?.healthcheck).toBeDefined();
  });

  test('every volume, network and secret a service names is declared', () => {
    for (const service of Object.values(compose.services)) {
      for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
      for (const network of service.networks ?? []) expect(compose.networks).toHaveProperty(network);
      for (const volume of service.volumes ?? []) if (!volume.startsWith('./')) expect(compose.volumes).toHaveProperty(volume.split(':')[0] as string);
    }
  });

  test('what it has people put beside it, keys and passwords among them, goes neither into git nor into the image', () => {
    const beside = read('docker-compose.yml').match(/(?<=\.\/)(config|ssh|secrets)\b/g);
    expect(new Set(beside)).toEqual(new Set(['config', 'ssh', 'secrets']));
    for (const folder of [...new Set(beside), 'holdfast.yaml', 'known_hosts']) {
      expect(read('.gitignore'), folder).toMatch(new RegExp(`^/${folder}/?$`, 'm'));
      expect(read('.dockerignore').split('\n'), folder).toContain(folder);
    }
  });

  test('no password stands in it, in an argument or in an environment', () => {
    expect(read('docker-compose.yml')).not.toMatch(/(PASSWORD|requirepass)[=:]? *[^$_ \n]/);
    expect(compose.services.redis?.command?.[0]).toBe('sh');
  });

  test.skipIf(!existsSync('/usr/bin/redis-server'))(
    'its Redis starts with AOF on every write, noeviction and the password of the file (needs redis-server)',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'holdfast-compose-'));
      const port = await freePort();
      writeFileSync(join(dir, 'redis_password'), 'not a secret\n'.replaceAll(' ', '-'));
      const [, , command = ''] = compose.services.redis?.command ?? [];
      const script = command.replaceAll('$$', '$').replaceAll('/run/secrets', dir).replace('dir /data', `dir ${dir}\nport ${port}\nbind 127.0.0.1`);
      const server = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await new Promise<void>((resolve, reject) => {
          let said = '';
          server.stdout.on('data', (text: Buffer) => {
            said += text;
            if (said.includes('Ready to accept connections')) resolve();
          });
          server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
        });
        const redis = new Redis({ port, host: '127.0.0.1', password: 'not-a-secret', retryStrategy: () => null });
        expect(await redis.config('GET', 'append*')).toEqual(expect.arrayContaining(['appendonly', 'yes', 'appendfsync', 'always']));
        expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
        redis.disconnect();
      } finally {
        server.kill('SIGKILL');
        rmSync(dir, { recursive: true });
      }
    },
  );

  test('the lines it tells people to add are a configuration that holds', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-compose-'));
    try {
      for (const secret of Object.keys(compose.secrets)) writeFileSync(join(dir, secret), 'x/y@z\n');
      writeFileSync(join(dir, 'known_hosts'), '');
      const lines = [...read('docker-compose.yml').matchAll(/^# {3}((?:database|redis|ssh): .*)$/gm)].map(([, line = '']) =>
        line.replaceAll('/run/secrets', dir),
      );
      expect(lines).toHaveLength(3);
      writeFileSync(join(dir, 'holdfast.yaml'), `${lines.join('\n')}\nhosts: { web01: }\n`, { mode: 0o600 });
      const { config } = await loadConfig(join(dir, 'holdfast.yaml'), { env: {}, home: dir });
      expect(config.database?.url.reveal()).toBe('postgres://holdfast:x%2Fy%40z@postgres:5432/holdfast');
      expect(config.redis?.url.reveal()).toBe('redis://:x%2Fy%40z@redis:6379');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('Dockerfile', () => {
  const steps = read('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));

  test('copies what is there and what the build may see', () => {
    const hidden = read('.dockerignore').split('\n').filter(Boolean);
    const copied = steps.filter((line) => line.startsWith('COPY ') && !line.includes('--from=')).flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(copied).toContain('package.json');
    for (const path of copied) {
      expect(existsSync(join(packageRoot, path)), path).toBe(true);
      expect(hidden).not.toContain(path);
    }
  });

  test('runs as a user who is not root, with a health check, and takes its signals itself', () => {
    expect(steps.findLast((line) => line.startsWith('USER '))).toBe('USER holdfast');
    const check = steps.find((line) => line.startsWith('HEALTHCHECK ')) as string;
    expect(JSON.parse(check.slice(check.indexOf('CMD ') + 4))[0]).toBe('node');
    expect(JSON.parse((steps.find((line) => line.startsWith('ENTRYPOINT ')) as string).slice(11))[0]).toBe('node');
  });

  test('the installed copy has no tsconfig.build.json, so that it never compiles', () => {
    const last = steps.slice(steps.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last.join('\n')).not.toContain('tsconfig');
    expect(last.join('\n')).toMatch(/COPY --from=build \/app\/dist dist/);
  });
});

interface Compose {
  services: Record<string, { depends_on?: unknown; healthcheck?: unknown; secrets?: string[]; networks?: string[]; volumes?: string[]; command?: string[] }>;
  networks: object;
  volumes: object;
  secrets: object;
}
