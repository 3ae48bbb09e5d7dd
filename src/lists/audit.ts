import type { Place } from '../chat/command.ts';
import { lastAudit } from '../store/audit.ts';
import type { Queries } from '../store/db.ts';
import type { Listed } from './listed.ts';

/** `show audit`: who did what, from where, and how it ended. */
export async function auditListed(db: Queries): Promise<Listed> {
  const rows = await lastAudit(db, 50);
  return {
    card: {
      title: `The last ${rows.length} lines, newest first`,
      table: {
        columns: ['when', 'who', 'where', 'command', 'how it ended'],
        rows: rows.map((row) => [
          row.at.toISOString(),
          row.who,
          sayPlace(row.place),
          row.command,
          row.unheard === null ? row.outcome : `${row.outcome}; its answer reached nobody (${row.unheard})`,
        ]),
      },
    },
    json: {
      audit: rows.map(({ at, who, place, command, outcome, detail, unheard }) => ({
        at: at.toISOString(),
        who,
        where: place.platform,
        ...(place.login && { login: place.login }),
        command,
        outcome,
        ...(detail && { detail }),
        ...(unheard !== null && { unheard }),
      })),
    },
  };
}

const sayPlace = ({ platform, login }: Place): string => (login ? `${platform} (${login})` : platform);
