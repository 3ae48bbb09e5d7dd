// Compiles TypeScript to dist/ (tsc, well under two seconds) when a source is newer than the last build, so that
// `npm start` and `npx holdfast` in a clone are never stale. An installed copy (no tsconfig.build.json) is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.built');

export function buildIfStale() {
  if (!existsSync(join(root, 'tsconfig.build.json'))) return;
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (built > newestSource()) return;
  build();
}

function build() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const started = Date.now();
  const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    console.error(`Holdfast could not be compiled (npm run check says more):\n${result.stdout}${result.stderr}`);
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
  // The stamp carries the moment the build began: a source saved while tsc ran counts as newer.
  const past = new Date(started);
  utimesSync(stamp, past, past);
}

function newestSource() {
  let newest = 0;
  const look = (path) => {
    const stat = statSync(path);
    if (!stat.isDirectory()) newest = Math.max(newest, stat.mtimeMs);
    else for (const name of readdirSync(path)) look(join(path, name));
  };
  for (const place of ['src', 'commands', 'jobs', 'tsconfig.json', 'tsconfig.build.json', 'package.json']) look(join(root, place));
  return newest;
}

// The embedded database's first boot from a prepared directory takes a tenth of the memory and time of initdb. A process
// of its own, whose end does not matter: without the file the first boot runs initdb.
function prepareTemplate() {
  const module = join(root, 'dist', 'src', 'store', 'embedded', 'template.js');
  if (!existsSync(module)) return;
  const script = `import(${JSON.stringify(pathToFileURL(module).href)}).then((made) => made.makeTemplate())`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: 'ignore', timeout: 120_000 });
}

if (process.argv[2] === '--prepare') {
  buildIfStale();
  prepareTemplate();
}
