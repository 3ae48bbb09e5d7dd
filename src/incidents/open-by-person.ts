import type { Place, Reply } from '../chat/command.ts';
import { defaultsOf } from '../config/defaults.ts';
import { promiseFor } from '../incident/duties.ts';
import { healthFor } from '../incident/health.ts';
import type { Severity } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { componentsOf } from '../status/components.ts';
import { openIncident } from './begin.ts';
import { pageAbout } from './page.ts';
import { incidentNamed } from './rows.ts';

/** The first words of every incident the public reads; the next ones are somebody's own. */
const FIRST_WORDS = 'We are currently investigating this issue.';

/** Opens what a person saw: public at once, with the components of the hosts it touches, led by whoever opened it until somebody takes it. */
export async function openByPerson(
  ops: Ops,
  {
    title,
    severity = 'major',
    affects,
    actor,
    place,
  }: { title?: string | undefined; severity?: Severity | undefined; affects?: string | undefined; actor: Person; place: Place },
): Promise<Reply> {
  if (title === undefined) throw new Refusal('Say what is wrong, in words the public understands: incident open "the shop is slow"');
  if (title.length > LONGEST)
    throw new Refusal(`A title has at most ${LONGEST} characters, and this one has ${title.length}. The rest is for "incident update".`);
  const hosts = affects === undefined ? [] : (await ops.targets(affects, actor)).hosts.map(({ name }) => name);
  const config = ops.config();
  const components = healthFor(severity, componentsOf(config, ops.fleet(), hosts));
  return {
    write: async (tx, line) => {
      const due = new Date(line.at + promiseFor(severity, defaultsOf(config))).toISOString();
      const said = { title, severity, hosts, components, due, text: FIRST_WORDS, public: true, lead: actor.name, zone: config.timezone };
      const id = await openIncident(tx, { ...said, place, by: actor.name, at: line.at });
      await pageAbout(tx, ops, (await incidentNamed(tx, id)).incident, { by: actor.name, at: line.at });
      return { kind: 'incident', id, waits: true };
    },
  };
}

/** Characters of a title; feeds and phones show no more. */
const LONGEST = 200;
