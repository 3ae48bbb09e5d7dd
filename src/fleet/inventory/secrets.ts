import type { FactValue } from '../host.ts';

/** By its name or its look a password, key or token: such a variable never becomes a fact. */
export function looksSecret(name: string, value: FactValue): boolean {
  return SECRET_NAME.test(name) || (typeof value === 'string' && SECRET_VALUE.test(value));
}

/** The value without what looks secret inside it. */
export function withoutSecrets(value: FactValue): FactValue {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object') return typeof value === 'string' && SECRET_VALUE.test(value) ? '(left out)' : value;
  const kept = Object.entries(value).filter(([name, one]) => !looksSecret(name, one));
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutSecrets(one)]));
}

// `_pass` and `_pw` as whole words only: `bypass_proxy` and `pwd_policy` are none.
const SECRET_NAME =
  /passw|passphrase|secret|token|vault|credential|(^|[_-])(pass|pw|pwd|psk|pin)($|[_-]|\d)|(private|api|access|signing|encryption)_?-?key(?!_file)/i;
const SECRET_VALUE = /^\s*\$ANSIBLE_VAULT|-----BEGIN [A-Z ]*PRIVATE KEY|\blookup\(/;
