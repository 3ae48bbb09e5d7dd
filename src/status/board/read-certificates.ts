import { nameOf } from '../../certificates/certificate.ts';
import { certificatesEnding } from '../../certificates/ending.ts';
import { sayEnd } from '../../certificates/findings.ts';
import { horizonOf } from '../../certificates/ladder.ts';
import { defaultsOf } from '../../config/defaults.ts';
import type { Ops } from '../../ops.ts';
import type { Queries } from '../../store/db.ts';

/** A certificate that ends within a month, or has. */
export interface BoardCertificate {
  name: string;
  /** `expired 61 d ago`, `ends in 3 d`. */
  ends: string;
  over: boolean;
  served: boolean;
  hosts: string[];
}

/** So many at most. */
const MOST = 10;

/** What ends within the steps at which people are asked, the first to end at the top. */
export async function readCertificates(db: Queries, { config }: Pick<Ops, 'config'>, now: number): Promise<BoardCertificate[]> {
  const endings = await certificatesEnding(db, now + horizonOf(defaultsOf(config())));
  return endings.slice(0, MOST).map((one) => ({
    name: nameOf(one),
    ends: sayEnd(one.ends, now),
    over: one.ends <= now,
    served: one.servedOn.length > 0,
    hosts: one.hosts,
  }));
}
