import { commands } from '../../commands/index.ts';
import { hostsSeen, type Sighting } from '../../src/incidents/heard.ts';
import { storedIncident } from '../../src/incidents/rows.ts';
import { type AtWorkOptions, atWork } from '../runs/at-work.ts';

/** The commands of incidents at work over hosts that a test decides about; time is moved by hand. */
export async function incidentsAtWork(options: AtWorkOptions = {}) {
  const typed = commands.filter(({ name }) => name.startsWith('incident ') || name === 'ack');
  const work = await atWork({ commands: typed, ...options });
  const { db, clock, ops, shown } = work;
  const until = async (at: number): Promise<void> => {
    if (at > clock.now()) await work.pass(at - clock.now());
  };
  return {
    ...work,
    /** Lets time pass to a moment. */
    until,
    seen: (sightings: readonly Sighting[]) => db.tx((tx) => hostsSeen(tx, ops, sightings, 'check')),
    /** Types a line, and what was printed from then on. */
    async says(text: string, actor = 'ada') {
      shown.splice(0);
      const outcome = await work.type(text, actor);
      return { outcome, text: shown.join('\n') };
    },
    async document<Shape = Record<string, unknown>>(text: string, actor = 'ada'): Promise<Shape> {
      shown.splice(0);
      await work.type(`${text} --json`, actor);
      const line = shown
        .join('\n')
        .split('\n')
        .find((one) => one.startsWith('{'));
      return JSON.parse(line ?? '{}') as Shape;
    },
    stored: async (id = 'INC-1') => (await storedIncident(db, id))?.incident,
  };
}
