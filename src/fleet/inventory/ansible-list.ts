import { plainValue } from './ansible-value.ts';
import { type Draft, draftGroup, draftHost, newDraft, type Origin, type Variables } from './draft.ts';

/** What `ansible-inventory --list` or a dynamic inventory prints, as parsed JSON. `file` names it in problems. */
export function readAnsibleList(list: unknown, file: string): Draft {
  const draft = newDraft();
  const origin: Origin = { file };
  if (!isRecord(list)) {
    draft.problems.push({ ...origin, says: 'The inventory is no JSON object: print what `ansible-inventory --list` prints.' });
    return draft;
  }
  for (const [name, body] of Object.entries(list)) {
    if (name === '_meta') continue;
    const group = draftGroup(draft, name, origin);
    // The oldest form is a bare list of hosts.
    const { hosts, children, vars } = isRecord(body) ? body : { hosts: body, children: undefined, vars: undefined };
    for (const host of texts(hosts)) {
      draftHost(draft, host, origin);
      group.hosts.set(host, origin);
    }
    for (const child of texts(children)) group.children.set(child, origin);
    setAll(group.vars, vars, origin);
  }
  const meta = isRecord(list._meta) && isRecord(list._meta.hostvars) ? list._meta.hostvars : {};
  for (const [host, vars] of Object.entries(meta)) setAll(draftHost(draft, host, origin).vars, vars, origin);
  // Groups without members are not printed, yet stand among the children of all.
  for (const group of [...draft.groups.values()]) {
    for (const child of group.children.keys()) draftGroup(draft, child, origin);
  }
  return draft;
}

function setAll(target: Variables, vars: unknown, origin: Origin): void {
  if (!isRecord(vars)) return;
  for (const [name, value] of Object.entries(vars)) {
    // What is encrypted comes as { __ansible_vault: … }.
    const plain = isRecord(value) && '__ansible_vault' in value ? undefined : plainValue(value);
    if (plain !== undefined) target.set(name, { value: plain, origin });
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
