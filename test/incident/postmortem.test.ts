import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postmortemText } from '../../src/incident/postmortem.ts';
import { actionsIn } from '../../src/incident/postmortem-actions.ts';
import { aWeekLater, postmortemDue } from '../../src/incident/postmortem-due.ts';
import { publicStory } from '../../src/incident/public-story.ts';
import type { Incident } from '../../src/incident/shapes.ts';
import type { Recorded } from '../../src/incident/timeline.ts';
import { Markdown } from '../../src/status/markdown.tsx';

const at = (time: string): number => Date.parse(`2026-11-17T${time}:00Z`);

const INCIDENT: Incident = {
  ...{
    id: 'INC-1',
    kind: 'incident',
    state: 'resolved',
    title: 'Hypervisors reboot by themselves',
    severity: 'major',
    public: true,
    byItself: false,
    by: 'ada',
    lead: 'ada',
    zone: 'Australia/Brisbane',
  },
  ...{ began: at('10:05'), opened: at('10:13'), resolved: at('13:03') },
  updates: [],
  components: { Sydney: { health: 'operational', since: at('13:03') } },
  hosts: [
    { host: 'sydcompute02', nth: 1, down: at('10:41'), up: at('11:35'), cause: 'kernel panic | with a bar', source: 'check' },
    { host: 'sydcompute01', nth: 1, down: at('10:20'), up: at('10:42'), source: 'check' },
    { host: 'sydcompute23', nth: 1, source: 'person' },
  ],
};

const said = (time: string, type: string, data: Record<string, unknown> = {}, thing = 'INC-1'): Recorded => ({ at: at(time), by: 'ada', type, thing, data });
const toldOf = (events: readonly Recorded[], incident = INCIDENT) => publicStory(incident, events);

const EVENTS = [
  said('10:13', 'opened', {
    severity: 'major',
    title: 'Hypervisors reboot by themselves',
    public: true,
    hosts: ['sydcompute23'],
    because: 'the vendor said so',
  }),
  said('10:14', 'lead', { lead: 'pepe' }),
  said('10:15', 'asked', { text: 'wake up' }, 'PG1'),
  said('10:16', 'noted', { text: 'the vendor is on the line, do not tell anybody' }),
  said('10:17', 'affected', { hosts: ['sydcompute23'], because: 'R1 halted: the vendor at 10.0.0.7' }),
  said('10:18', 'severity', { severity: 'critical', because: 'pepe heard the vendor' }),
  said('10:19', 'identified', { text: 'It is the live patch.' }),
  said('10:20', 'hosts down', { hosts: [{ host: 'sydcompute01' }, { host: 'sydcompute99' }], source: 'check' }),
  said('10:21', 'took in', { from: 'INC-2', hosts: [], components: {} }),
  said('10:21', 'second writer asked', { person: 'pepe', page: 'PG2' }),
  said('10:22', 'corrected', { host: 'sydcompute01', down: '2026-11-17T10:20:00Z', because: 'pepe read the console' }),
  said('10:22', 'corrected', { host: 'sydcompute99', no: true, because: 'pepe read the console' }),
  said('10:23', 'of a later version', { text: 'the vendor again' }),
  said('10:30', 'halted', { because: 'sydcompute23 at 10.0.0.7 is not well', reason: 'lost', hosts: ['sydcompute23'] }, 'R1'),
  said('10:31', 'approved', { because: 'the vendor wants it' }, 'R1'),
  said('11:00', 'done', {}, 'R1'),
];
/** Of one that opened by itself and was merged into it. */
const MERGED = [
  said('10:18', 'opened', { severity: 'major', title: 'R1 halted: sydcompute23 at 10.0.0.7', hosts: ['sydcompute23'] }, 'INC-2'),
  said('10:18', 'lead', { lead: 'pepe' }, 'INC-2'),
  said('10:19', 'second writer asked', { person: null }, 'INC-2'),
  said('10:21', 'merged', { into: 'INC-1' }, 'INC-2'),
];

describe('a postmortem', () => {
  test('has summary, impact with the outage table, timeline, what helped, what hurt, and actions with owners, in the zone of the incident', () => {
    const text = postmortemText({
      incident: INCIDENT,
      story: toldOf(EVENTS),
      written: { helped: 'Consoles by chat.' },
      actions: [
        { text: 'pin the version', owner: 'ada', done: false },
        { text: 'tell the vendor', owner: 'kim', done: true },
      ],
    });
    expect(text).toBe(
      `# Hypervisors reboot by themselves

## Summary

Hypervisors reboot by themselves: a major incident that began 20:05 Australia/Brisbane. It took 2 h 58 m, with Sydney and 2 hosts down.

## Impact

2 hosts went down. Outages lasted 22 to 54 minutes. Times are Australia/Brisbane.

| host | down | up | lasted | cause |
|---|---|---|---|---|
| sydcompute01 | 20:20 | 20:42 | 22 min |  |
| sydcompute02 | 20:41 | 21:35 | 54 min | kernel panic \\| with a bar |

## Timeline

- 20:13 opened, major: Hypervisors reboot by themselves
- 20:18 severity critical
- 20:19 identified: It is the live patch.
- 20:20 sydcompute01 down
- 20:22 sydcompute01 put right in the table
- 20:30 a change was halted
- 21:00 a change was completed

## What helped

Consoles by chat.

## Actions

- [ ] pin the version @ada
- [x] tell the vendor @kim
`,
    );
  });

  test('as a draft says what nobody has written and what does not fit; neither is published', () => {
    const facts = { incident: INCIDENT, story: toldOf(EVENTS), written: {}, actions: [] };
    const draft = postmortemText(facts, { missing: (section) => `nobody has written ${section}`, doesNotFit: ['sydcompute23 is named, and in no outage'] });
    for (const part of [
      '_nobody has written summary_',
      '_nobody has written helped_',
      '_nobody has written hurt_',
      '## What does not fit\n\n- sydcompute23 is named',
    ])
      expect(draft).toContain(part);
    expect(postmortemText(facts)).not.toMatch(/nobody|does not fit|What helped|Actions/);
  });

  test('never says what was noted, typed or asked among ourselves: no reason, person, alert, id, or host outside the outage table', () => {
    const text = postmortemText({ incident: INCIDENT, story: toldOf([...EVENTS, ...MERGED]), written: {}, actions: [] });
    expect(text).not.toMatch(/vendor|wake up|console|led by|pepe|asked|because|10\.0\.0\.7|INC-|PG\d|R\d|sydcompute23|sydcompute99|merged|took in/);
  });

  test('of one that opened by itself is called by its components, and never by the title a machine gave it', () => {
    const title = 'R1 halted: sydcompute23 at 10.0.0.7 did not come back';
    const incident = {
      ...INCIDENT,
      title,
      byItself: true,
      components: { Sydney: INCIDENT.components['Sydney'], Brisbane: INCIDENT.components['Sydney'] },
    } as Incident;
    const events = [said('10:13', 'opened', { severity: 'major', title, hosts: ['sydcompute23'], because: title })];
    const text = postmortemText({ incident, story: toldOf(events, incident), written: {}, actions: [] });
    expect(text).toContain('# Brisbane, Sydney\n\n## Summary\n\nBrisbane, Sydney: a major incident');
    expect(text).toContain('opened, major: Brisbane, Sydney');
    expect(text).not.toMatch(/R1|sydcompute23|10\.0/);
    expect(postmortemText({ incident: { ...incident, components: {} }, story: [], written: {}, actions: [] })).toContain('# Service disruption\n');
  });

  test('keeps its shape whatever somebody or some host wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const incident = {
          ...INCIDENT,
          title: text,
          hosts: [{ host: 'web01', nth: 1, down: at('10:41'), up: at('11:35'), cause: text, source: 'check' as const }],
        };
        const made = postmortemText({ incident, story: toldOf([said('10:19', 'updated', { text: `${text}\n## Actions\n| a |` })]), written: {}, actions: [] });
        const html = String(Markdown({ text: made }));
        expect(html.match(/<h3>/g)).toHaveLength(3);
        expect(html.match(/<tr>/g)).toHaveLength(2);
        expect(html.match(/<td>/g)).toHaveLength(5);
      }),
    );
  });
});

describe('its actions', () => {
  test('are the boxes of the text, each with the owner at its end, once', () => {
    expect(
      actionsIn(
        [
          '- [ ] label the cables @ada',
          '* [x] tell the vendor @kim.',
          '- [ ] Label  the cables. @pepe',
          '- no box @ada',
          '- [ ] mail a@example.org about it',
          '```',
          '- [ ] code @ada',
          '```',
          '- [ ] @ada',
        ].join('\n'),
      ),
    ).toEqual([
      { text: 'label the cables', owner: 'ada', done: false },
      { text: 'tell the vendor', owner: 'kim', done: true },
      { text: 'mail a@example.org about it', done: false },
    ]);
  });
});

describe('when it is due', () => {
  test.each([
    ['Tuesday', '2026-11-17T13:00:00Z', '2026-11-20T08:00:00Z'],
    ['Thursday', '2026-11-19T13:00:00Z', '2026-11-24T08:00:00Z'],
    ['Saturday', '2026-11-21T13:00:00Z', '2026-11-25T08:00:00Z'],
    ['the Thursday before clocks go back', '2026-10-22T12:00:00Z', '2026-10-27T08:00:00Z'],
  ])('resolved on %s: the morning after three working days there', (_, resolved, due) => {
    expect(new Date(postmortemDue(Date.parse(resolved), 3, 'Europe/Berlin')).toISOString()).toBe(due.replace('.000', '').replace('Z', '.000Z'));
  });

  test('and a week later at the same hour of their morning, also when clocks changed', () => {
    expect(new Date(aWeekLater(Date.parse('2026-10-22T07:00:00Z'), 'Europe/Berlin')).toISOString()).toBe('2026-10-29T08:00:00.000Z');
  });
});
