import { timesIn } from '../times.ts';

/** A moment as people of the page's zone say it, and as machines do. */
export const Moment = ({ at, zone }: { at: number; zone: string }) => <time datetime={new Date(at).toISOString()}>{timesIn(zone).moment(at)}</time>;
