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

/** `15:04` today, `Fri 20 Nov 15:04` on another day, with the zone: `15:04 Europe/Berlin`. */
export function sayTime(at: number, now: number, zone: string): string {
  const say = (moment: number, parts: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...parts }).format(moment);
  const day = (moment: number): string => say(moment, { weekday: 'short', day: 'numeric', month: 'short' }).replace(',', '');
  const clock = say(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${day(at) === day(now) ? '' : `${day(at)} `}${clock} ${zone}`;
}
