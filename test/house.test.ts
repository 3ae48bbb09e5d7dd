import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { jobs } from '../jobs/index.ts';
import { CRASH_POINTS } from '../src/lib/crash.ts';
import { packageRoot } from '../src/root.ts';
import { brokenRules, importsOf, RULES } from './import-rules.ts';

const sources = ['src', 'commands', 'jobs'].flatMap(filesUnder).map((file) => ({ file, text: readFileSync(join(packageRoot, file), 'utf8') }));

describe('every file is in its index', () => {
  test.each(modulesIn('commands'))('what commands/%s defines can be typed', async (name) => {
    const defined = await exportsOf(`commands/${name}`, 'run');
    expect(defined.length, 'a file in commands/ defines a command').toBeGreaterThan(0);
    for (const one of defined) expect(commands, `add it to commands/index.ts`).toContain(one);
  });

  test.each(modulesIn('jobs'))('what jobs/%s defines can be done', async (name) => {
    const defined = await exportsOf(`jobs/${name}`, 'act');
    expect(defined.length, 'a file in jobs/ defines a job').toBeGreaterThan(0);
    for (const one of defined) expect(jobs, `add it to jobs/index.ts`).toContain(one);
  });

  test('no two commands and no two jobs have one name', () => {
    const typed = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(typed).toEqual([...new Set(typed)]);
    expect(jobs.map(({ name }) => name)).toEqual([...new Set(jobs.map(({ name }) => name))]);
  });
});

describe('who may import what', () => {
  test('the rules hold in every file', () => {
    expect(sources.flatMap(({ file, text }) => brokenRules(file, text))).toEqual([]);
  });

  test.each(RULES)('a file that breaks it is found: $name', ({ name, bad }) => {
    expect(brokenRules(bad.file, `// first\n${bad.line}\n`).join()).toContain(name);
  });

  test('types, values, late and re-exported imports are told apart', () => {
    const text = [
      `import { type A, b } from './b.ts';`,
      `import type { C } from './c.ts';`,
      `import {\n  type D,\n  type E,\n} from './d.ts';`,
      `export { f } from '../f.ts';`,
      `type G = import('./g.ts').G;`,
      `const h = await import('./h.ts');`,
      `import 'node:fs';`,
    ].join('\n');
    expect(importsOf('src/chat/a.ts', text)).toEqual([
      { to: 'src/chat/b.ts', typeOnly: false },
      { to: 'src/chat/c.ts', typeOnly: true },
      { to: 'src/chat/d.ts', typeOnly: true },
      { to: 'src/f.ts', typeOnly: false },
      { to: 'node:fs', typeOnly: false },
      { to: 'src/chat/g.ts', typeOnly: true },
      { to: 'src/chat/h.ts', typeOnly: false },
    ]);
  });

  test('the linter refuses the same lines, so that an editor shows them', () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
    try {
      copyFileSync(join(packageRoot, 'biome.json'), join(dir, 'biome.json'));
      for (const { bad } of RULES) write(join(dir, bad.file), `${bad.line}\n`);
      write(join(dir, 'src/queue/good.ts'), `import { Queue } from 'bullmq';\nimport type { Card } from '../chat/card.ts';\n`);
      const linted = spawnSync(process.execPath, [biome(), 'lint', '--vcs-enabled=false', '--reporter=github', '--only=noRestrictedImports', '.'], {
        cwd: dir,
        encoding: 'utf8',
      });
      for (const { bad } of RULES) expect(linted.stdout).toContain(`${bad.file},line=`);
      expect(linted.stdout).not.toContain('good.ts');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

test('only cli.ts and main.ts read the environment and the arguments', () => {
  const readers = sources.filter(({ text }) => /\bprocess\s*\??\.\s*(env|argv)\b|\bprocess\[|from 'node:process'/.test(withoutComments(text)));
  expect(readers.map(({ file }) => file).filter((file) => file !== 'src/main.ts')).toEqual(['src/cli.ts']);
});

describe('a stranger finds their way', () => {
  test('src/lib stays small: what belongs to the domain has a room of its own', () => {
    expect(readdirSync(join(packageRoot, 'src/lib')).length).toBeLessThanOrEqual(5);
  });

  test('no file grows past 250 lines without a reason', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 251).map(({ file }) => file);
    expect(long).toEqual(Object.keys(LONG_FOR_A_REASON));
  });

  test('no file is named for being useful', () => {
    expect(sources.map(({ file }) => file).filter((file) => /util|helper|(?<!\balert)manager|service|misc|common/.test(file))).toEqual([]);
  });
});

test('npm ci works on every platform: the lock file has each optional package, and no registry of ours', () => {
  const text = readFileSync(join(packageRoot, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`]),
  );
  // npm leaves out what its registry does not have at that moment; npm ci then refuses everywhere.
  expect(missing).toEqual([]);
  expect(text).not.toContain('"resolved"');
});

test('each crash point stands where its name says, and nowhere else', () => {
  const found = sources
    .filter(({ file }) => file !== 'src/lib/crash.ts')
    .flatMap(({ file, text }) => [...text.matchAll(/crashPoint\('([^']+)'\)/g)].map(([, point]) => ({ point: point as string, file })));
  const places = Object.fromEntries(
    CRASH_POINTS.map((point) => [point, [...new Set(found.filter((one) => one.point === point).map(({ file }) => file))].sort()]),
  );
  expect(places).toEqual(CRASH_PLACES);
});

/** File → why it may be longer. */
const LONG_FOR_A_REASON: Record<string, string> = {};

const CRASH_PLACES: Record<(typeof CRASH_POINTS)[number], string[]> = {
  'inbox.committed': ['src/chat/take.ts'],
  'inbox.acknowledged': ['src/cli/start.ts', 'src/control/server.ts'],
  'dispatch.decided': ['src/chat/dispatch.ts'],
  'dispatch.committed': ['src/chat/dispatch.ts'],
  'relay.read': ['src/queue/relay.ts'],
  'relay.queued': ['src/queue/relay.ts'],
  'relay.marked': ['src/queue/relay.ts'],
  'work.claimed': ['src/queue/worker.ts'],
  'work.acted': ['src/reading/work.ts'],
  'work.written': ['src/reading/work.ts'],
  'run.planned': ['src/runs/plan.ts'],
  'run.approved': ['src/runs/approve.ts'],
  'run.decided': ['src/runs/coordinate.ts'],
  'run.started': ['src/runs/coordinate.ts'],
  'step.begun': ['src/runs/step.ts'],
  'step.acted': ['src/runs/step.ts'],
  'step.written': ['src/runs/step.ts'],
  'alert.taken': ['src/alerts/take.ts'],
  'alert.handled': ['src/alerts/take.ts'],
  'page.asked': ['src/store/events.ts'],
  'page.decided': ['src/paging/look.ts'],
  'page.stepped': ['src/paging/look.ts'],
  'page.answered': ['src/paging/answer.ts'],
  'incident.opened': ['src/incidents/begin.ts'],
  'incident.moved': ['src/incidents/move.ts'],
  'incident.channel': ['src/deliver/open-beside.ts'],
  'incident.told': ['src/incidents/timer.ts'],
  'attempt.begun': ['src/deliver/send-attempt.ts'],
  'attempt.sent': ['src/deliver/send-attempt.ts'],
  'attempt.written': ['src/deliver/attempts.ts'],
  'answer.rendered': ['src/deliver/cards.ts', 'src/deliver/messages.ts', 'src/deliver/post-once.ts', 'src/deliver/send-card.ts'],
  'answer.sent': ['src/deliver/cards.ts', 'src/deliver/messages.ts', 'src/deliver/post-once.ts', 'src/deliver/send-card.ts'],
  'answer.marked': ['src/deliver/cards.ts', 'src/deliver/messages.ts', 'src/deliver/send-card.ts', 'src/deliver/send-message.ts'],
};

function filesUnder(dir: string): string[] {
  return readdirSync(join(packageRoot, dir), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => relative(packageRoot, join(packageRoot, dir, name)))
    .sort();
}

function modulesIn(dir: string): string[] {
  return readdirSync(join(packageRoot, dir)).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
}

/** Exported definitions, known by the function each must have. */
async function exportsOf(file: string, step: string): Promise<unknown[]> {
  const module = (await import(join(packageRoot, file))) as Record<string, unknown>;
  return Object.values(module)
    .flat()
    .filter((value) => typeof value === 'object' && value !== null && step in value);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function biome(): string {
  return join(packageRoot, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
