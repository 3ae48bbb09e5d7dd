/** How moments are said in the zone of the page. */
export interface Times {
  /** `26 Nov 2026, 15:40 GMT+10` */
  moment(at: number): string;
  /** `15:40 GMT+10` */
  clock(at: number): string;
  /** `Nov`, `26`, `15:40`, `GMT+10`: as feeds of status pages have them. */
  parts(at: number): { month: string; day: string; clock: string; zone: string };
}

interface Fields {
  year: string;
  month: string;
  day: string;
  clock: string;
  zone: string;
}

const KEPT = 20_000;

export function timesIn(zone: string): Times {
  const known = made.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  const read = (at: number): Fields => {
    const said = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return { year: said.year ?? '', month: said.month ?? '', day: said.day ?? '', clock: `${said.hour}:${said.minute}`, zone: said.timeZoneName ?? zone };
  };
  // The same moments stand on every page, and reading one takes longer than all else of its line.
  const kept = new Map<number, Fields>();
  const fields = (at: number): Fields => {
    const minute = Math.floor(at / 60_000);
    const known = kept.get(minute) ?? read(at);
    if (kept.size >= KEPT) kept.clear();
    kept.set(minute, known);
    return known;
  };
  const times: Times = {
    moment(at) {
      const { year, month, day, clock, zone: name } = fields(at);
      return `${day} ${month} ${year}, ${clock} ${name}`;
    },
    clock(at) {
      const { clock, zone: name } = fields(at);
      return `${clock} ${name}`;
    },
    parts(at) {
      const { month, day, clock, zone: name } = fields(at);
      return { month, day, clock, zone: name };
    },
  };
  made.set(zone, times);
  return times;
}

/** A page has one zone, and a reload brings another one now and then. */
const made = new Map<string, Times>();

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** `2026-11` → `November 2026` */
export function sayMonth(month: string): string {
  const [year = '', number = ''] = month.split('-');
  return `${MONTHS[Number(number) - 1] ?? number} ${year}`;
}
