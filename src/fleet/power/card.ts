import type { Card } from '../../chat/card.ts';
import type { HostResult } from '../../jobs.ts';
import { foldNames } from '../target/fold.ts';
import type { PowerLook } from './power.ts';

/** `power status`, `console` or `log` over a target, as far as it has come. */
export interface PowerView {
  look: PowerLook;
  expression: string;
  asked: readonly string[];
  results: readonly HostResult[];
  done: boolean;
}

/** Lines of one host a person reads before scrolling, and hosts with lines of their own; the rest is in the attachment. */
const MOST_LINES = 15;
const MOST_HOSTS = 5;

export function renderPower(view: PowerView): Card {
  const missing = view.asked.length - view.results.length;
  const title = view.look === 'status' ? statusTitle(view) : `${view.look} of ${view.asked.length === 1 ? view.asked[0] : view.expression}`;
  const unseen = view.results.some(({ outcome }) => outcome !== 'ok');
  const off = view.results.filter((result) => result.power === 'off').map((result) => result.host);
  const body = view.look === 'status' ? unseenLines(view) : [...unseenLines(view), ...shownLines(view)];
  const long = view.look !== 'status' && (view.asked.length > MOST_HOSTS || view.results.some(({ output }) => (output ?? '').split('\n').length > MOST_LINES));
  return {
    title: missing > 0 && !view.done ? `${title}, ${missing} not yet` : title,
    tone: !view.done ? 'quiet' : unseen || off.length > 0 ? 'attention' : 'good',
    ...(body.length > 0 && { body }),
    ...(view.done && off.length === 1 && { actions: [{ label: `Power on ${off[0]}`, command: `power on ${off[0]}` }] }),
    ...(view.done && long && { attachment: { name: `power-${view.look}.txt`, text: whole(view) } }),
  };
}

/** Stable; docs/json.md. */
export function powerJson({ asked, results }: PowerView): { hosts: Record<string, unknown>[] } {
  const byHost = new Map(results.map((result) => [result.host, result]));
  return {
    hosts: asked.flatMap((name) => {
      const result = byHost.get(name);
      if (!result) return [];
      const { host, outcome, power, output, detail } = result;
      return [{ host, outcome, ...(power && { power }), lines: output?.split('\n') ?? [], ...(detail !== undefined && { detail }) }];
    }),
  };
}

/** `kvm05 power on`, or `12 of 14 on, 1 off (kvm03), 1 not known`. */
function statusTitle({ asked, results }: PowerView): string {
  const [on, off] = [named(results, 'on'), named(results, 'off')];
  const unknown = results.length - on.length - off.length;
  if (asked.length === 1 && results[0]) return `${asked[0]} power ${results[0].power ?? 'not known'}`;
  const parts = [
    `${on.length} of ${asked.length} on`,
    ...(off.length > 0 ? [`${off.length} off (${foldNames(off)})`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
  ];
  return `power: ${parts.join(', ')}`;
}

const named = (results: readonly HostResult[], power: 'on' | 'off'): string[] =>
  results.filter((result) => result.power === power).map((result) => result.host);

/** Equal troubles are told once. */
function unseenLines({ results }: PowerView): string[] {
  const byWhy = new Map<string, string[]>();
  for (const { host, outcome, detail = outcome } of results)
    if (outcome !== 'ok') byWhy.set(detail.replaceAll(host, '{}'), [...(byWhy.get(detail.replaceAll(host, '{}')) ?? []), host]);
  return [...byWhy].slice(0, 10).map(([why, hosts]) => `${foldNames(hosts)}: ${why.replaceAll('{}', hosts.length === 1 ? (hosts[0] as string) : 'it')}`);
}

function shownLines({ asked, results }: PowerView): string[] {
  const said = results.filter(({ outcome }) => outcome === 'ok').slice(0, MOST_HOSTS);
  return said.flatMap(({ host, output = '' }) => [...(asked.length > 1 ? [`${host}:`] : []), ...output.split('\n').slice(-MOST_LINES)]);
}

const whole = ({ results }: PowerView): string => results.map(({ host, output, detail }) => `== ${host}\n${output ?? detail ?? ''}\n`).join('');
