import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../src/root.ts';

/** What is typed for the picture; what comes back is what this version says. */
const TYPED = [
  '/ops check @web',
  '/ops sandbox web03 half-dead',
  '/ops sandbox kvm05 kernel=2.6.32-31-server',
  '/ops sandbox kvm05 uptime=211d',
  '/ops check @web,@kvm',
];

/** Lines of a terminal; a longer one is cut, visibly. */
const COLUMNS = 104;
/** Pixels. */
const [CHARACTER, LINE, MARGIN, BAR] = [8.2, 20, 22, 38];

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(packageRoot, 'docs', 'picture.svg'), toSvg(await record()));

/** Runs the sandbox in a folder of its own and types into it: `node --import tsx docs/picture.ts`. Nothing in the picture is made up. */
async function record(): Promise<string[]> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-picture-'));
  const env = { ...process.env, HOLDFAST_DATA: data, HOLDFAST_LOG: 'error' };
  const program = join(packageRoot, 'bin', 'holdfast.mjs');
  const running = spawn(process.execPath, [program, 'start'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [first] = (await once(running.stdout, 'data')) as [Buffer];
    const lines = ['$ npm start', ...linesOf(first.toString())];
    for (const typed of TYPED) {
      const asked = spawn(process.execPath, [program, 'exec', typed], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      const said = await text(asked.stdout);
      lines.push('', `holdfast> ${typed}`, ...linesOf(withoutAttachment(said)));
    }
    return lines;
  } finally {
    running.stdin.end();
    await once(running, 'exit');
    rmSync(data, { recursive: true });
  }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

function linesOf(said: string): string[] {
  return said.trimEnd().split('\n');
}

/** The whole output of a check goes on for a page; its beginning is marked in a terminal, and ends the picture of it. */
function withoutAttachment(said: string): string {
  return said.replace(/^(--- .+ ---)\n[\s\S]*$/m, '$1 …');
}

/** A window of a terminal with these lines; what a line is can be seen from how it begins. */
export function toSvg(lines: readonly string[]): string {
  const shown = lines.map((line) => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line));
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
  const height = BAR + shown.length * LINE + MARGIN;
  const texts = shown.map((line, at) => `<text x="${MARGIN}" y="${BAR + LINE * (at + 0.75)}" fill="${colourOf(line)}">${escaped(line)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal with Holdfast">
<rect width="${width}" height="${height}" rx="10" fill="#16191f"/>
<g fill="#4a505c"><circle cx="22" cy="20" r="6"/><circle cx="42" cy="20" r="6"/><circle cx="62" cy="20" r="6"/></g>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13.6" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`;
}

function colourOf(line: string): string {
  if (/^(\$|holdfast>)/.test(line)) return '#8ab4f8';
  if (line.startsWith('✓')) return '#81c995';
  if (line.startsWith('✗')) return '#f28b82';
  if (line.startsWith('!')) return '#fdd663';
  return '#d7dae0';
}

function escaped(line: string): string {
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
