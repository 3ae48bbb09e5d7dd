import { access, open, readFile } from 'node:fs/promises';

/** What is special about an identity file, looked at once per path. */
export function keyInspector(): (path: string) => Promise<KeyLook> {
  const seen = new Map<string, Promise<KeyLook>>();
  return (path) => {
    let look = seen.get(path);
    if (!look) {
      look = inspect(path);
      seen.set(path, look);
    }
    return look;
  };
}

export interface KeyLook {
  exists: boolean;
  /** On a FIDO token: ssh2 cannot sign with it. */
  fido: boolean;
  /** `<path>-cert.pub` lies beside it, which ssh sends and ssh2 cannot. */
  certificate: boolean;
}

async function inspect(path: string): Promise<KeyLook> {
  const [publicKey, head, certificate] = await Promise.all([
    readFile(`${path}.pub`, 'utf8').catch(() => ''),
    readHead(path),
    access(`${path}-cert.pub`).then(
      () => true,
      () => false,
    ),
  ]);
  const fido = /^sk-/.test(publicKey) || /^sk-/.test(head ?? '') || isFidoPrivate(head ?? '');
  return { exists: head !== undefined, fido, certificate };
}

/** OpenSSH's private format names the key type unencrypted at its beginning. */
function isFidoPrivate(head: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)/.exec(head)?.[1];
  return body !== undefined && /sk-(ssh|ecdsa)-/.test(Buffer.from(body.replace(/\s/g, ''), 'base64').toString('latin1'));
}

async function readHead(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
