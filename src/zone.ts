/** The machine's own IANA zone. `TZ=:/etc/localtime`, an empty TZ and unknown names leave none: then it is UTC. */
export function zoneOfMachine(): string {
  const name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name !== undefined && isZone(name) ? name : 'UTC';
}

/** Whether this is a zone a person can be in: an IANA name, no offset. */
export function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
