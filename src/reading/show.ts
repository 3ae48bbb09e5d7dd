import { certificatesJson, MONTH, MOST_IN_DOCUMENT, MOST_SHOWN, renderCertificates } from '../certificates/card.ts';
import { certificatesOf, countCertificates, looksAt, seenOf } from '../certificates/rows.ts';
import type { Renderer } from '../deliver/shown.ts';
import { checkJson, renderCheck } from '../fleet/check-card.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { powerJson, renderPower } from '../fleet/power/card.ts';
import type { PowerLook } from '../fleet/power/power.ts';
import { renderScript, scriptJson } from '../fleet/script-card.ts';
import type { HostResult } from '../jobs.ts';
import type { Queries } from '../store/db.ts';
import type { ChunkResult } from './chunk-result.ts';
import { knownHosts, machineIds } from './knowledge.ts';

/** How a reading looks now: who answered, exceptions first, equal ones folded; its JSON with every fact once it ended. */
export function readingRenderer(world: { fleet(): Fleet; now(): number; ofPeople?(db: Queries): Promise<readonly string[]> }): Renderer {
  return async (db, id, { json, final }) => {
    const [reading] = await db.query<ReadingRow>(
      `select job, params, expression, state, extract(epoch from coalesce(wall_ended, now()) - wall_began)::float8 * 1000 as elapsed
       from readings where id = $1`,
      [id],
    );
    if (!reading) return { card: { title: 'That check is too old to be shown.' } };
    const chunks = await db.query<{ hosts: string[]; results: ChunkResult[] }>(`select hosts, results from reading_chunks where reading_id = $1 order by n`, [
      id,
    ]);
    const asked = chunks.flatMap((chunk) => chunk.hosts);
    const results: HostResult[] = chunks.flatMap((chunk) => chunk.results);
    if (reading.params.look !== undefined) {
      const view = { look: reading.params.look, expression: reading.expression, asked, results, done: final || reading.state === 'ended' };
      return { card: renderPower(view), ...(json && { document: powerJson(view) }) };
    }
    if (reading.job === 'certs') {
      const { expiring } = reading.params;
      const now = world.now();
      const hosts = results.map(({ host }) => host);
      const certs = await certificatesOf(db, hosts, { ...(expiring !== undefined && { before: now + expiring }), most: json ? MOST_IN_DOCUMENT : MOST_SHOWN });
      const counted = await countCertificates(db, hosts, { now, before: now + (expiring ?? MONTH) });
      const view = {
        ...{ expression: reading.expression, asked: asked.length, results, certs, counted, now, seen: seenOf(await looksAt(db, hosts)) },
        done: final || reading.state === 'ended',
        ...(expiring !== undefined && { expiring }),
      };
      return { card: renderCertificates(view), ...(json && { document: certificatesJson(view) }) };
    }
    if (reading.job !== 'check') {
      const view = { script: reading.params.name ?? reading.job, expression: reading.expression, asked, results, done: final || reading.state === 'ended' };
      return { card: renderScript(view), ...(json && { document: scriptJson(view) }) };
    }
    const known = await knownHosts(db, json ? asked : results.filter((result) => result.reach !== 'ok').map((result) => result.host));
    if (final && !json) for (const [host, state] of await machineIds(db, asked)) if (!known.has(host)) known.set(host, state);
    const done = final || reading.state === 'ended';
    const people = done && asked.length === world.fleet().hosts.size ? await world.ofPeople?.(db) : undefined;
    const view = {
      expression: reading.expression,
      asked,
      results: json ? results.map((result) => ({ ...result, facts: known.get(result.host)?.facts ?? {} })) : results,
      known,
      fleet: world.fleet(),
      now: world.now(),
      done,
      elapsed: reading.elapsed,
      ...(people && { people }),
    };
    return { card: renderCheck(view), ...(json && { document: checkJson(view) }) };
  };
}

interface ReadingRow {
  job: string;
  params: { name?: string; look?: PowerLook; expiring?: number };
  expression: string;
  state: string;
  elapsed: number;
}
