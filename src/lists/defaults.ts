import { listDefaults } from '../config/defaults.ts';
import type { Listed } from './listed.ts';

/** `show defaults`: what happens when nobody says anything. */
export function defaultsListed(config: Parameters<typeof listDefaults>[0]): Listed {
  const rows = listDefaults(config);
  return {
    card: {
      title: 'Defaults, and what holdfast.yaml sets otherwise',
      table: {
        columns: ['name', 'value', 'means'],
        rows: rows.map((row) => [row.name, row.insteadOf ? `${row.says} (instead of ${row.insteadOf})` : row.says, row.means]),
      },
    },
    json: { defaults: rows },
  };
}
