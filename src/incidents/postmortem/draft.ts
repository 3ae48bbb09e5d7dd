import { postmortemText, type Section } from '../../incident/postmortem.ts';
import { publicStory } from '../../incident/public-story.ts';
import type { Ops } from '../../ops.ts';
import type { Queries } from '../../store/db.ts';
import { actionsOf } from '../actions/rows.ts';
import { incidentNamed, type Stored } from '../rows.ts';
import { contradictionsOf } from '../show.ts';
import { storyOf } from '../story.ts';

/** A row of `postmortems`: what people wrote. */
export interface PostmortemRow {
  incident: string;
  rev: number;
  sections: Partial<Record<Section, string>>;
  /** The whole text, where somebody edited it as one. */
  text: string | null;
  by: string;
  published: Date | null;
  waived: string | null;
}

/** How the postmortem of an incident stands. */
export interface Draft {
  stored: Stored;
  row: PostmortemRow | undefined;
  /** For whoever writes it: with what is missing, and what does not fit. */
  draft: string;
  /** What would be published now. */
  text: string;
  openActions: number;
}

/** Throws Refusal where there is no such incident. */
export async function draftOf(db: Queries, world: Pick<Ops, 'fleet' | 'clock'>, id: string): Promise<Draft> {
  const stored = await incidentNamed(db, id);
  const [row] = await db.query<PostmortemRow>(`select * from postmortems where incident = $1`, [id]);
  const actions = await actionsOf(db, id);
  const story = await storyOf(db, stored);
  const facts = {
    incident: stored.incident,
    story: publicStory(stored.incident, story.recorded),
    written: row?.sections ?? {},
    actions: actions.map(({ text, owner, state }) => ({ text, owner, done: state === 'done' })),
  };
  const doesNotFit = contradictionsOf(stored.incident, story.events, world).map(({ says }) => says);
  return {
    stored,
    row,
    draft: row?.text ?? postmortemText(facts, { missing: (section) => `nobody has written this: incident postmortem ${id} ${section} …`, doesNotFit }),
    text: row?.text ?? postmortemText(facts),
    openActions: actions.filter(({ state }) => state === 'open').length,
  };
}
