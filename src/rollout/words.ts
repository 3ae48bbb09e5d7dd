/** `kvm01`, `kvm01 and kvm02`, `kvm01, kvm02, kvm03 and 4 more`. */
export function names(hosts: readonly string[], most = 4): string {
  const shown = hosts.length > most ? hosts.slice(0, most - 1) : hosts;
  if (shown.length < hosts.length) return `${shown.join(', ')} and ${hosts.length - shown.length} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** `14:05` today, `Mon 23 Nov 14:05` on another day. */
export function when(at: number, now: number, zone: string): string {
  const { day, time } = split(at, zone);
  return day === split(now, zone).day ? time : `${day} ${time}`;
}

/** `14:05 Europe/Berlin`; noted in `moments`, for platforms that show each reader their own time. */
export function moment(at: number, { now, zone, moments }: { now: number; zone: string; moments?: { says: string; at: number }[] }): string {
  const says = `${when(at, now, zone)} ${zone}`;
  moments?.push({ says, at });
  return says;
}

function split(at: number, zone: string): { day: string; time: string } {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = value;
  return { day: `${part['weekday']} ${part['day']} ${part['month']}`, time: `${part['hour']}:${part['minute']}` };
}

/** Making one takes longer than a whole decision. */
const formats = new Map<string, Intl.DateTimeFormat>();
