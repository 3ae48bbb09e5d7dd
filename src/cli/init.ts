import { createInterface } from 'node:readline/promises';
import { neutral } from '../chat/text.ts';
import { runInit } from '../config/init.ts';
import { scanHostKeys } from '../fleet/ssh/scan.ts';
import { helloLines } from './hello.ts';
import type { Invocation } from './invocation.ts';

/** Writes a first holdfast.yaml; on a terminal it asks once whether the host keys it saw are right. */
export async function run(call: Invocation): Promise<number> {
  const { options } = call;
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  return runInit({
    ...(options.ansible !== undefined && { ansible: options.ansible }),
    ...(options['ansible-command'] !== undefined && { ansibleCommand: options['ansible-command'] }),
    ...(options['ssh-config'] !== undefined && { sshConfig: options['ssh-config'] }),
    out: options.out,
    force: options.force,
    confirmKeys: options['confirm-keys'],
    home: call.home,
    env: call.env,
    interactive,
    print: (line) => void process.stdout.write(`${neutral(line)}\n`),
    scan: scanHostKeys,
    hello: helloLines,
    ...(interactive && { ask }),
  });
}

async function ask(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
  } finally {
    reader.close();
  }
}
