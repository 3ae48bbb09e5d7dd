import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../../src/fleet/host.ts';
import { useConfigured } from '../../../src/fleet/scripts/read.ts';
import { type HostRoot, hostRoot } from '../../patch/host-root.ts';
import { hostAt } from '../ssh/hosts.ts';
import { freePort } from '../ssh/sshd.ts';

/** A host of its own with a real sshd, a PKI that openssl made, and a real nginx that serves one of its leaves. */
export interface Shop {
  root: HostRoot;
  host: Host;
  /** Where nginx serves. */
  port: number;
  /** What openssl sees there: `serial=4A…`. */
  served(): string;
  /** Bytes, mode, owner and nanoseconds of everything that certificates are. */
  everything(): string;
  close(): void;
}

export const LEAF = '/etc/nginx/tls/shop.crt';

export async function shop(): Promise<Shop> {
  const root = await hostRoot();
  const [ssh, port] = await Promise.all([freePort(), freePort()]);
  const dir = '/run/holdfast-test';
  root.sh(`
mkdir -p ${dir} /run/sshd /etc/nginx/tls /etc/ssl/shop-ca && chmod 700 /etc/ssl/shop-ca
ssh-keygen -q -t ed25519 -N '' -f ${dir}/host && ssh-keygen -q -t ed25519 -N '' -f ${dir}/identity && cp ${dir}/identity.pub ${dir}/authorized_keys
cat >${dir}/sshd.conf <<'END'
Port ${ssh}
ListenAddress 127.0.0.1
HostKey ${dir}/host
AuthorizedKeysFile ${dir}/authorized_keys
PidFile ${dir}/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
END
/usr/sbin/sshd -f ${dir}/sshd.conf
cd /etc/ssl/shop-ca
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=shop-ca -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.crt 2>/dev/null
cat >/usr/local/sbin/sign-shop <<'END'
#!/bin/sh
# What a shop would call its own tool: signs a new leaf for so many days.
set -e
cd /etc/nginx/tls
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout shop.key.new -subj /CN=shop.example.org -out /tmp/shop.csr 2>/dev/null
printf 'subjectAltName=DNS:shop.example.org,DNS:www.example.org\\nbasicConstraints=CA:FALSE\\n' >/tmp/shop.ext
openssl x509 -req -in /tmp/shop.csr -CA /etc/ssl/shop-ca/ca.crt -CAkey /etc/ssl/shop-ca/ca.key -CAcreateserial -days "$1" -extfile /tmp/shop.ext -out shop.crt.new 2>/dev/null
mv -f shop.key.new shop.key && mv -f shop.crt.new shop.crt
END
cat >/usr/local/sbin/vendor-renew <<'END'
#!/bin/sh
# Outage 3: it means well, and makes the authority anew under the same name first.
cd /etc/ssl/shop-ca
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=shop-ca -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.crt 2>/dev/null
exec /usr/local/sbin/sign-shop 365
END
chmod 755 /usr/local/sbin/sign-shop /usr/local/sbin/vendor-renew
/usr/local/sbin/sign-shop 12
chmod 640 /etc/nginx/tls/shop.key && chown root:www-data /etc/nginx/tls/shop.key
cat >/etc/nginx/nginx.conf <<'END'
pid ${dir}/nginx.pid;
error_log /dev/null;
events {}
http {
  access_log off;
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${LEAF}; ssl_certificate_key /etc/nginx/tls/shop.key; return 204; }
}
END
nginx
`);
  const identity = root.sh(`cat ${dir}/identity`);
  const known = `[127.0.0.1]:${ssh} ${root.sh(`cut -d' ' -f1,2 ${dir}/host.pub`).trim()}\n`;
  const files = root.sh('mktemp -d /dev/shm/holdfast-shop-XXXXXX').trim();
  // /dev is shared with the machine, so that the key can be read from here as well.
  root.sh(`umask 077; cat >${files}/identity <<'END'\n${identity}END\ncat >${files}/known <<'END'\n${known}END`);
  readFileSync(join(files, 'known'));
  return {
    root,
    host: hostAt(
      { address: '127.0.0.1', port: ssh },
      { name: 'shop', user: 'root', ssh: { identityFiles: [join(files, 'identity')], knownHosts: [join(files, 'known')] } },
    ),
    port,
    served: () =>
      root.sh(`openssl s_client -connect 127.0.0.1:${port} -servername shop.example.org </dev/null 2>/dev/null | openssl x509 -noout -serial`).trim(),
    everything: () =>
      root.sh(`cd / && for f in etc/nginx/tls/shop.* etc/ssl/shop-ca/ca.crt etc/ssl/shop-ca/ca.key; do stat -c '%n %a %u %g %y' $f; sha256sum <$f; done`),
    close() {
      root.sh(`rm -rf ${files}`);
      root.close();
    },
  };
}

/** A script of the configuration, in force in this process. */
export function named(scripts: Record<string, string>): Record<string, { sha256: string }> {
  const entries = Object.entries(scripts).map(([name, text]) => {
    const body = `# holdfast:${name} v1\n${text}`;
    return [name, { version: 1, sha256: createHash('sha256').update(body).digest('hex'), body, root: true }] as const;
  });
  useConfigured(Object.fromEntries(entries));
  return Object.fromEntries(entries);
}
