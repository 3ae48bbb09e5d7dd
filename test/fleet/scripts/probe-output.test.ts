import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseFacts } from '../../../src/fleet/facts/parse.ts';
import { checkArgs, type Probe } from '../../../src/fleet/scripts/check-args.ts';
import { stdinOf } from '../../../src/fleet/ssh/stdin.ts';

const asked = (shell: string, probes: Probe[], memory: number) => {
  const input = stdinOf({ script: 'check', args: checkArgs(probes) });
  // The shell may not take more memory than that, in kilobytes.
  const { stdout } = spawnSync('sh', ['-c', `ulimit -v ${memory}; exec ${shell} -s`], { input, maxBuffer: 1 << 24 });
  return parseFacts(String(stdout)).facts.probes;
};

test.each(['sh', 'bash'])('a command probe that prints two hundred megabytes does not fill the memory of the host (%s)', (shell) => {
  const chatty = ['sh', '-c', 'head -c 200000000 /dev/zero | tr "\\000" x; echo; echo the end; exit 7'];
  expect(
    asked(
      shell,
      [
        { name: 'chatty', command: chatty },
        { name: 'fine', command: ['true'] },
      ],
      120_000,
    ),
  ).toMatchObject([
    { name: 'chatty', ok: false },
    { name: 'fine', ok: true },
  ]);
  expect(asked(shell, [{ name: 'mute', command: ['sh', '-c', 'exit 9'] }], 120_000)).toMatchObject([{ name: 'mute', ok: false, detail: 'exit code 9' }]);
});
