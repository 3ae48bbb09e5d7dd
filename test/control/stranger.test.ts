import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectControl, typeLine } from '../../src/control/client.ts';
import { socketPath } from '../../src/control/place.ts';

const NOBODY = 65_534;

/** A data directory so deep that its socket stands in the temporary folder, and who listens there. */
async function listening(owner: number): Promise<{ dataDir: string; heard: string[] }> {
  const top = mkdtempSync(join(tmpdir(), 'holdfast-stranger-'));
  const dataDir = join(top, 'd'.repeat(120));
  mkdirSync(dataDir);
  const heard: string[] = [];
  const server: Server = createServer((socket) => socket.on('data', (data) => heard.push(String(data))).on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(socketPath(dataDir), resolve));
  chownSync(socketPath(dataDir), owner, owner);
  onTestFinished(() => {
    server.close();
    rmSync(top, { recursive: true });
  });
  return { dataDir, heard };
}

describe.skipIf(process.getuid?.() !== 0)('a socket somebody else laid where ours would be (needs root to play the other)', () => {
  test('is told nothing', async () => {
    const { dataDir, heard } = await listening(NOBODY);
    const typed = typeLine({ dataDir, text: 'reboot @web', login: 'ada', zone: 'UTC', print() {}, warn() {} });
    await expect(typed).rejects.toThrow(`belongs to user ${NOBODY}, who is neither you nor the owner of ${dataDir}`);
    expect(heard).toEqual([]);
  });

  test('is that of the service when it owns the data directory: root may type there', async () => {
    const { dataDir } = await listening(NOBODY);
    chownSync(dataDir, NOBODY, NOBODY);
    const socket = await connectControl(dataDir);
    expect(socket).toBeDefined();
    socket?.destroy();
  });
});
