import { expect, test } from 'vitest';
import { deniedScript } from '../../../src/fleet/certificates/deny.ts';

test.each([
  'kubeadm init phase certs ca',
  '/usr/bin/kubeadm init phase certs etcd-ca --config x.yaml',
  'kubeadm init phase certs front-proxy-ca',
  'sudo kubeadm init phase certs all',
  'kubeadm init phase certs \\\n  all',
  'kubeadm reset -f',
  'kubeadm certs renew all --cert-dir=/tmp/pki',
  'kubeadm certs renew apiserver --cert-dir /tmp/pki',
  'rm -rf /etc/kubernetes/pki',
  'cd /etc; rm -f kubernetes/pki/ca.crt',
  'cp new.crt /etc/kubernetes/pki/ca.crt',
  'mv /tmp/x /etc/ssl/ca.key',
  'find /etc/kubernetes/pki -name "*.crt" -delete',
  'openssl req -x509 -newkey rsa:2048 -keyout k -out c',
  'step ca init --name x',
  'cfssl gencert -initca csr.json',
  './easyrsa build-ca nopass',
])('a script that renews a leaf may not say: %s', (line) => {
  expect(deniedScript(`# holdfast:renew v1\nset -e\n${line}\n`)).toMatch(/./);
});

test.each([
  'kubeadm certs renew apiserver',
  'certbot renew --cert-name shop.example.org',
  'step ca renew --force /etc/nginx/tls/shop.crt /etc/nginx/tls/shop.key',
  'cp /tmp/shop.crt /etc/pki/nginx/shop.crt',
  'rm -f /etc/nginx/tls/shop.csr',
  'openssl x509 -req -in shop.csr -CA /root/ca.crt -CAkey /root/ca.key -out shop.crt',
  '# never: kubeadm init phase certs all',
])('and may say: %s', (line) => {
  expect(deniedScript(`# holdfast:renew v1\n${line}\n`)).toBeUndefined();
});

test('why, and which line, is said to whoever wrote it', () => {
  expect(deniedScript('# holdfast:renew v1\nkubeadm init phase certs all\n')).toBe(
    'kubeadm init phase certs makes a new certificate authority where it finds none: only `kubeadm certs renew` touches leaves alone ("kubeadm init phase certs all")',
  );
});
