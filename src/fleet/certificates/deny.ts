/**
 * Why a script may not be what renews a leaf: it could write a certificate authority. Looked at when the configuration is read and again
 * right before a host is given it. What gets past it is found by the keys afterwards; nothing switches either off.
 */
export function deniedScript(text: string): string | undefined {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  for (const line of lines) {
    const said = line.replace(/(^|\s)#.*$/, '').trim();
    const denied = DENIED.find(({ pattern }) => pattern.test(said));
    if (denied) return `${denied.why} (${JSON.stringify(said.slice(0, 80))})`;
  }
  return undefined;
}

const DENIED: readonly { pattern: RegExp; why: string }[] = [
  {
    pattern: /\bkubeadm\b.*\binit\b.*\bcerts\b.*\b(ca|etcd-ca|front-proxy-ca|all)\b/,
    why: 'kubeadm init phase certs makes a new certificate authority where it finds none: only `kubeadm certs renew` touches leaves alone',
  },
  { pattern: /\bkubeadm\b.*\b(init|reset)\b/, why: 'kubeadm init and reset write, or throw away, certificate authorities' },
  { pattern: /(^|\s)--cert-dir(=|\s|$)/, why: '--cert-dir has kubeadm write another set of certificates, with an authority of its own' },
  {
    pattern: /(^|\/|\s)(rm|unlink|shred|mv|cp|truncate|install|dd|tee)\s.*(\/kubernetes\/pki(\/|\s|$)|(^|[/\s=])((etcd|front-proxy)-)?ca\.(crt|key|pem)(\s|$))/,
    why: 'it takes away or writes files where certificate authorities stand (/etc/kubernetes/pki, ca.crt, ca.key)',
  },
  { pattern: /\bfind\b.*\/kubernetes(\/pki)?(\/|\s).*-(delete|exec)\b/, why: 'it takes away files where certificate authorities stand' },
  {
    pattern: /\bopenssl\b.*\b(req|x509)\b.*(-x509\b|CA:TRUE|-set_serial\b.*-signkey)/i,
    why: 'openssl req -x509 makes a certificate that signs itself, an authority',
  },
  { pattern: /\bstep\b.*\bca\b.*\binit\b|\bstep\b.*--profile[ =](root-ca|intermediate-ca)/, why: 'it makes a new certificate authority' },
  { pattern: /\bcfssl\b.*\b(-initca|gencert\s+-initca)\b|-initca\b/, why: 'it makes a new certificate authority' },
  { pattern: /\beasyrsa\b.*\b(build-ca|init-pki)\b/, why: 'it makes a new certificate authority' },
];
