import type { Card } from '../../chat/card.ts';
import { SECTIONS } from '../../incident/postmortem.ts';
import { isOpen } from '../../incident/shapes.ts';
import type { Ops } from '../../ops.ts';
import { when } from '../../rollout/words.ts';
import { draftOf } from './draft.ts';

/** `show postmortem INC-1`: how it stands, with the text as a file. Throws Refusal where there is no such incident. */
export async function postmortemShown(
  ops: Pick<Ops, 'records' | 'fleet' | 'clock'>,
  id: string,
  zone: string,
): Promise<{ card: Card; json: Record<string, unknown> }> {
  const { stored, row, draft, text, openActions } = await draftOf(ops.records, ops, id);
  const { incident } = stored;
  const now = ops.clock.now();
  const missing = row?.text ? [] : SECTIONS.filter((section) => row?.sections[section] === undefined);
  const published = row?.published;
  const state = row?.waived ? 'waived' : published ? 'published' : 'draft';
  const edit = (section: string) => `incident postmortem ${id} ${section} …`;
  return {
    card: {
      title: published
        ? `The postmortem of ${id} is published, since ${when(published.getTime(), now, zone)}`
        : row?.waived
          ? `${id} has no postmortem: ${row.waived}`
          : `The postmortem of ${id} is a draft`,
      tone: published || row?.waived ? 'good' : 'attention',
      body: [
        ...(isOpen(incident) ? ['The incident is not resolved; it can be published when it is.'] : []),
        ...(missing.length > 0 ? [`nobody has written: ${missing.join(', ')}`] : []),
        ...(row?.text ? ['Somebody wrote it as a whole: what happened since is not in it.'] : []),
        ...(openActions > 0 ? [`${openActions === 1 ? '1 action' : `${openActions} actions`} open: show actions`] : []),
      ],
      actions: [
        ...missing.map((section) => ({ label: `Write: ${section}`, command: edit(section) })),
        { label: 'Action', command: edit('action') },
        ...(isOpen(incident)
          ? []
          : [{ label: published ? 'Publish again' : 'Publish', command: `incident postmortem ${id} publish`, style: 'primary' as const }]),
      ],
      attachment: { name: `${id}.md`, text: draft },
    },
    json: { id, state, markdown: text, missing, published: published?.toISOString() ?? null, waived: row?.waived ?? null, open_actions: openActions },
  };
}
