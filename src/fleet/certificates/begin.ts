import type { Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { authorityIsUnknown, short, writtenAuthorities } from './judge.ts';
import { keepOnHost, stepOnHost } from './on-host.ts';
import { rememberRotation } from './remembered.ts';
import { pathsOf, readSeen, sawServed } from './see.ts';
import { type HostRotation, type Leaf, type RotateParams, rotationOf } from './shapes.ts';
import { signerOf } from './signer.ts';

type Context = StepContext<RotateParams>;

/** Looks whether everything still is as it was planned, and keeps it. Ends here where the host must not be touched now. */
export async function prepareRotation(host: Host, context: Context): Promise<Step> {
  const plan = rotationOf(host.name, context.params);
  const not = (why: string): Step => ({ step: 'end', outcome: 'failed', detail: `not begun: ${why}` });
  const read = await readSeen(context.script, pathsOf(plan));
  if ('wrong' in read) return not(read.wrong);
  const drifted = [...writtenAuthorities(plan.authorities, read.seen), ...plan.leaves.flatMap((leaf) => movedOn(leaf, read.seen))];
  if (drifted.length > 0) return not(`${drifted[0]}, since it was planned; plan it again`);
  const [unknown] = plan.leaves.flatMap((leaf) => authorityIsUnknown(leaf) ?? []);
  if (unknown !== undefined) return not(unknown);
  const kept = await keepOnHost(context.script, context.intent, plan.keep);
  if ('wrong' in kept) return not(`what is there could not be kept: ${kept.wrong}`);
  const signers = Object.fromEntries(plan.leaves.flatMap(({ signedBy }) => signerOf(signedBy, read.seen)));
  const lacking = plan.leaves.find(({ signedBy, pin }) => signedBy !== undefined && signedBy !== pin && signers[signedBy] === undefined);
  if (lacking) return not(`the authority that signed ${lacking.path} (key ${short(lacking.signedBy)}) is no longer on the host; plan it again`);
  const served = await sawServed(plan);
  return {
    step: 'done',
    detail: `${kept.kept.length} files kept`,
    remember: rememberRotation({
      ...{ store: context.intent, kept: kept.kept, signers, served, stage: 'renew', at: 0 },
      ...{ since: context.clock.now(), written: [], renewed: [] },
    }),
  };
}

/** Begins the first renewal; the host goes on by itself, and takes it once. */
export async function actRotation(host: Host, context: Context): Promise<Step> {
  const [first] = rotationOf(host.name, context.params).renewals as [HostRotation['renewals'][number]];
  const begun = await stepOnHost(context.script, context.intent, 'renew-0', first);
  return { step: 'done', detail: begun.is === 'not known' ? `whether it began is looked at: ${begun.why}` : 'begun' };
}

function movedOn(leaf: Leaf, seen: readonly { path: string; ca: boolean; fingerprint: string }[]): string[] {
  const now = seen.find(({ path, ca }) => path === leaf.path && !ca);
  if (!now) return [`${leaf.path} is gone`];
  return now.fingerprint === leaf.fingerprint ? [] : [`${leaf.path} is another certificate`];
}
