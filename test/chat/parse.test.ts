import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLine, parseStructured } from '../../src/chat/parse.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import { verbs } from './verbs.ts';

/** A Friday. */
const NOW = Date.parse('2026-11-20T09:00:00Z');
const context = { platform: 'terminal' as const, now: NOW, zone: 'Europe/Berlin' };
const DAY = 86_400_000;

const read = (line: string, platform: 'terminal' | 'slack' | 'discord' = 'terminal') => {
  const { command, options, json, strict } = parseLine(line, verbs, { ...context, platform });
  const said = Object.fromEntries(Object.entries(options as object).filter(([, value]) => value !== false));
  return { command: command.name, ...said, ...(json && { json }), ...(strict && { strict }) };
};
const refusal = (line: string, platform: 'terminal' | 'slack' = 'terminal'): string => {
  try {
    parseLine(line, verbs, { ...context, platform });
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  throw new Error(`understood: ${line}`);
};

describe('a line is read as it was meant', () => {
  test.each([
    ['/ops', { command: 'status' }],
    ['', { command: 'status' }],
    ['/ops check @web', { command: 'check', target: '@web' }],
    ['check host web01', { command: 'check', target: 'web01' }],
    ['check host', { command: 'check', target: 'host' }],
    ['Check @web JSON', { command: 'check', target: '@web', json: true }],
    ['check @web --json --strict', { command: 'check', target: '@web', json: true, strict: true }],
    ['check web[01-06], db1 ! web03', { command: 'check', target: 'web[01-06], db1 ! web03' }],
    ['check @prod & @kvm where uptime > 200d and xen < 4.6 json', { command: 'check', target: '@prod & @kvm where uptime > 200d and xen < 4.6', json: true }],
    ['check @R1:failed', { command: 'check', target: '@R1:failed' }],
    ['check "@web & @bne"', { command: 'check', target: '@web & @bne' }],
    ['check @all where os = "debian 12"', { command: 'check', target: '@all where os = "debian 12"' }],
    ['`check @web`', { command: 'check', target: '@web' }],
    ['reboot batch @kvm', { command: 'reboot', target: '@kvm' }],
    ['reboot batch 2 @kvm', { command: 'reboot', target: '@kvm', batch: 2 }],
    ['reboot @kvm batch 2', { command: 'reboot', target: '@kvm', batch: 2 }],
    ['reboot @kvm --batch 2', { command: 'reboot', target: '@kvm', batch: 2 }],
    ['reboot @kvm --batch=2', { command: 'reboot', target: '@kvm', batch: 2 }],
    ['reboot @kvm batch=2 plan', { command: 'reboot', target: '@kvm', batch: 2, plan: true }],
    ['reboot @kvm —batch 2', { command: 'reboot', target: '@kvm', batch: 2 }],
    ['reboot @kvm --by-rings', { command: 'reboot', target: '@kvm', byRings: true }],
    ['reboot @kvm by rings batch 2 where uptime > 200d', { command: 'reboot', target: '@kvm where uptime > 200d', batch: 2, byRings: true }],
    ['reboot @all where service = batch', { command: 'reboot', target: '@all where service = batch' }],
    ['reboot web01 because the plan changed at night', { command: 'reboot', target: 'web01', because: 'the plan changed at night' }],
    ['reboot web01 because batch jobs hang --plan', { command: 'reboot', target: 'web01', because: 'batch jobs hang', plan: true }],
    ['reboot web01 because batch', { command: 'reboot', target: 'web01', because: 'batch' }],
    ['patch @web without kernel', { command: 'patch', target: '@web', withoutKernel: true }],
    ['pause updates @all source kernelcare for 7d', { command: 'pause updates', target: '@all', source: 'kernelcare', for: 7 * DAY }],
    [
      'pause updates @all for 2 days 3 hours because waiting for the vendor',
      { command: 'pause updates', target: '@all', for: 51 * 3_600_000, because: 'waiting for the vendor' },
    ],
    ['pause alerts for 2h @web', { command: 'pause alerts', target: '@web', for: 7_200_000 }],
    ['resume updates h1', { command: 'resume updates', what: { is: 'id', id: 'H1', of: 'hold' } }],
    ['resume updates @web', { command: 'resume updates', what: { is: 'target', target: '@web' } }],
    ['show INC1', { command: 'show', what: { is: 'id', id: 'INC-1', of: 'incident' } }],
    ['show runbook web', { command: 'show', what: { is: 'list', list: 'runbook', of: 'web' } }],
    ['show Runs --json', { command: 'show', what: { is: 'list', list: 'runs' }, json: true }],
    ['show host R1', { command: 'show', what: { is: 'target', target: 'R1' } }],
    ['show web01', { command: 'show', what: { is: 'target', target: 'web01' } }],
    ['certs expiring 30d', { command: 'certs', expiring: 30 * DAY }],
    ['power Cycle kvm05', { command: 'power', what: 'cycle', target: 'kvm05' }],
    [
      'script restart @web & @bne where uptime > 3d service=nginx wait 5s',
      { command: 'script', name: 'restart', target: '@web & @bne where uptime > 3d', params: { service: 'nginx', wait: '5s' } },
    ],
    [
      'exclude @all where xen < 4.6 from package “linux-image*” because panics at boot',
      { command: 'exclude', target: '@all where xen < 4.6', fromPackage: 'linux-image*', because: 'panics at boot' },
    ],
    [
      'exclude @all from job reboot because "it says until now" json',
      { command: 'exclude', target: '@all', fromJob: 'reboot', because: 'it says until now', json: true },
    ],
    ['stop', { command: 'stop' }],
    ['stop because everything burns', { command: 'stop', because: 'everything burns' }],
    ['stop r1 because it burns', { command: 'stop', what: { is: 'id', id: 'R1', of: 'run' }, because: 'it burns' }],
    ['go retry', { command: 'go', retry: true }],
    ['page @ada "db down"', { command: 'page', who: 'ada', text: 'db down' }],
    ['page ada: db down --json critical', { command: 'page', who: 'ada', text: 'db down --json critical' }],
    ['page web “db down” critical', { command: 'page', who: 'web', text: 'db down', critical: true }],
    ['page web "she said \\"no\\"" low', { command: 'page', who: 'web', text: 'she said "no"', low: true }],
    ["page web 'db down' low", { command: 'page', who: 'web', text: 'db down', low: true }],
    ["page web 'tis the db for 3 days", { command: 'page', who: 'web', text: "'tis the db for 3 days" }],
    ['page --critical web "db down"', { command: 'page', who: 'web', text: 'db down', critical: true }],
    ['/oncall page me', { command: 'page', who: 'me' }],
    ['/oncall web', { command: 'oncall', service: 'web' }],
    ['/oncall', { command: 'oncall' }],
    ['ack for 30m', { command: 'ack', for: 1_800_000 }],
    ['pass to pepe', { command: 'pass', to: 'pepe' }],
    ['/incident update We believe — for now — it’s the cable batch 2', { command: 'incident update', text: 'We believe — for now — it’s the cable batch 2' }],
    ['incident update inc-3 First line\nsecond line', { command: 'incident update', incident: 'INC-3', text: 'First line\nsecond line' }],
    [
      'incident open "web is slow" severity major affects @web & @bne',
      { command: 'incident open', title: 'web is slow', severity: 'major', affects: '@web & @bne' },
    ],
    ['incident note "swapped" on web01', { command: 'incident note', text: 'swapped', on: 'web01' }],
    ['incident severity major', { command: 'incident severity', severity: 'major' }],
    ['sandbox lab01 uptime=211d', { command: 'sandbox', host: 'lab01', fault: 'uptime=211d' }],
    ['help pause updates', { command: 'help', verb: 'pause updates' }],
  ])('%s', (line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  test('every example of every verb is understood', () => {
    for (const verb of verbs) for (const example of verb.examples) expect([example, read(example).command]).toEqual([example, verb.name]);
  });

  test('a moment comes back with the zone it was understood in', () => {
    expect(read('cover ada until 18:00')).toMatchObject({
      until: { at: Date.parse('2026-11-20T17:00:00Z'), echo: 'Fri 20 Nov 18:00 Europe/Berlin (in 8 h)' },
    });
    expect(read('exclude @all from job reboot because bad until mon 09:00')).toMatchObject({
      because: 'bad',
      until: { at: Date.parse('2026-11-23T08:00:00Z') },
    });
  });

  test('a host named like an id is meant when there is one', () => {
    const show = (line: string) => parseLine(line, verbs, { ...context, isHost: (name) => name === 'pg1' }).options;
    expect(show('show pg1')).toMatchObject({ what: { is: 'target', target: 'pg1' } });
    expect(show('show PG1')).toMatchObject({ what: { is: 'id', id: 'PG1' } });
  });
});

describe('Slack writes it in its own way', () => {
  test.each([
    ['check &lt;http&gt;', { command: 'check', target: '<http>' }],
    ['check @all where uptime &gt; 200d &amp;amp; x', { command: 'check', target: '@all where uptime > 200d &amp; x' }],
    ['check <http://db1.example.org|db1.example.org>', { command: 'check', target: 'db1.example.org' }],
    ['page <@U012AB|ada> <http://db1.example.org|db1.example.org> is down', { command: 'page', who: 'ada', text: 'db1.example.org is down' }],
    ['page <@U012AB> "x"', { command: 'page', who: 'U012AB', text: 'x' }],
    ['incident update see <#C01|ops-news> and <mailto:a@example.org|a@example.org>', { command: 'incident update', text: 'see #ops-news and a@example.org' }],
    ['incident update <!channel> look', { command: 'incident update', text: '@channel look' }],
    ['incident update &lt;!channel&gt; look', { command: 'incident update', text: '<!channel> look' }],
    ['check @all where kernel <4.6|x>', { command: 'check', target: '@all where kernel <4.6|x>' }],
  ])('%s', (line, expected) => {
    expect(read(line, 'slack')).toEqual(expected);
  });

  test('elsewhere an entity is what it is', () => {
    expect(read('incident update a &amp; b')).toMatchObject({ text: 'a &amp; b' });
  });
});

describe('what is not understood is refused, and the refusal says what to do', () => {
  test.each([
    ['chek @web', '"chek" is no command. Did you mean "check"? Type help for those you may use.'],
    ['/deploy now', '"deploy" is no command. Type help for those you may use.'],
    ['pause @web', '"pause" needs a second word: pause updates, pause alerts.'],
    ['pause update @web', '"pause" needs a second word: pause updates, pause alerts. Did you mean "pause updates"?'],
    ['check', '<target> is missing: which hosts. Usage: check <target> [json]'],
    ['check @web --jsn', '"--jsn" is no option here. Did you mean "json"? Usage: check <target> [json]'],
    ['check @web for 7d', '"for" is no word of this command. Usage: check <target> [json]'],
    ['undo PG1', 'what: "PG1" is a page; wanted is a run (R1) or a hold (H1) or a rule (E1). Usage: undo <R1|H1|E1> [json]'],
    ['check @web\nreboot @all', 'There is a line break in it: one command per line. Usage: check <target> [json]'],
    ['ack PG1 PG2', '"PG2" is not understood. Usage: ack [PG1] [for 7d] [json]'],
    ['away for 3d until mon', 'Say "for" or "until", not both. Usage: away [for 7d | until mon 09:00] [json]'],
    ['away for ever', 'for: "ever" is no duration; write 90s, 30m, 2h30m, 7d or 3 days. Usage: away [for 7d | until mon 09:00] [json]'],
    [
      'away until 2020-01-01',
      'until: "2020-01-01" is past: Wed 1 Jan 2020 09:00 Europe/Berlin (2515 d 1 h ago). Usage: away [for 7d | until mon 09:00] [json]',
    ],
    ['sandbox web[01-02] dead', 'host: "web[01-02]" must be exactly one host, by its name. Usage: sandbox <host> <word> [json]'],
    ['page web "db down', 'The quote before "db" is never closed. Close it, or leave the quotes out. Usage: page <person> ["text"] [low] [critical] [json]'],
  ])('%s', (line, message) => {
    expect(refusal(line)).toBe(message);
  });

  test.each([
    ['page "db down"', 'who: "db down" is no name of a person or service.'],
    ['approve R1\u200d', 'run: "R1·" holds an invisible character (U+200D), which cannot be seen; type the word again.'],
    ['/incident', '"incident" needs a second word: incident open, incident update'],
    [`away until ${'never '.repeat(300)}`, 'until: "never never never never never never never never never never …" is no moment'],
    ['reboot @kvm bacth 2', 'Did you mean "batch"?'],
    ['reboot @kvm batch two', 'batch: "two" is no number'],
    ['reboot @kvm batch 51', 'batch: at most 50.'],
    ['reboot @kvm batch', '"batch" needs a value (how many), as in "batch N".'],
    ['reboot web01 because batch 2', '"because" needs a value (why), as in "because …".'],
    ['reboot @kvm batch 2 batch 3', '"batch" is given twice.'],
    ['incident open "web is slow" severty major', 'Did you mean "severity"? If it belongs to the text, put the quotes around all of it.'],
    ['incident open "web" severity awful', 'severity: "awful" is none of critical, major, minor.'],
    ['exclude @all from job reboot because broken until fixed', 'until: "fixed" is no moment'],
    ['power reset kvm05', '"reset" is none of status, console, log, on, off, cycle'],
  ])('%s', (line, part) => {
    expect(refusal(line)).toContain(part);
  });

  test('all that is wrong is said at once', () => {
    expect(refusal('reboot batch=two at never --plam').split('\n')).toEqual([
      '4 things are wrong here; nothing was done.',
      '- "--plam" is no option here. Did you mean "plan"?',
      '- batch: "two" is no number; write 1, 2, 3 ….',
      '- at: "never" is no moment; write 18:00, mon 09:00, tomorrow 9am, 24 dec 18:00 or 2026-12-24 18:00.',
      '- <target> is missing: which hosts.',
      'Usage: reboot <target> [batch N] [by rings] [at mon 09:00] [because …] [plan] [json]',
    ]);
  });

  test('@everyone is a group nobody has, and stays a word in a text', () => {
    expect(read('check @everyone')).toEqual({ command: 'check', target: '@everyone' });
    expect(read('check <!everyone>', 'slack')).toEqual({ command: 'check', target: '@everyone' });
    expect(read('page web @here look')).toEqual({ command: 'page', who: 'web', text: '@here look' });
  });
});

describe('what a platform has told apart goes through the same definition', () => {
  const reboot = verbs.find(({ name }) => name === 'reboot') as (typeof verbs)[number];
  const page = verbs.find(({ name }) => name === 'page') as (typeof verbs)[number];

  test('typed options give what the typed line gives', () => {
    const typed = parseLine('reboot @kvm batch 2 at 18:00 because hung json', verbs, context);
    const told = parseStructured(reboot, { target: '@kvm', batch: 2, at: '18:00', because: 'hung', json: true }, context);
    expect(told).toEqual(typed);
  });

  test('texts keep their characters, everything else is read as typed', () => {
    expect(parseStructured(page, { who: '@ada', text: 'it’s “down”\nall of it' }, context).options).toMatchObject({
      who: 'ada',
      text: 'it’s “down”\nall of it',
    });
    expect(parseStructured(reboot, { target: ' @kvm\u00a0where  x=1 ' }, context).options).toMatchObject({ target: '@kvm where  x=1' });
  });

  test.each([
    [{ target: '@kvm', batch: 99 }, 'batch: at most 50'],
    [{ target: '@kvm', batch: 'two' }, 'batch: "two" is no number'],
    [{ target: '@kvm\n@web' }, 'a line break is not accepted'],
    [{ target: '@kvm\u202e' }, 'Character 5 is a direction override (U+202E)'],
    [{ batch: 2 }, '<target> is missing'],
    [{ target: '@kvm', colour: 'red' }, '"colour" is no option here'],
    [{ target: '@kvm', plan: 'false' }, 'plan: '],
    [{ target: 7 }, 'target: '],
  ])('%j is refused', (values, part) => {
    expect(() => parseStructured(reboot, values, context)).toThrow(part);
    expect(() => parseStructured(reboot, values, context)).toThrow(Refusal);
  });
});

describe('whatever arrives is understood or refused', () => {
  const pieces = fc.constantFrom(
    ...verbs.map(({ name }) => name),
    '/ops',
    '/incident',
    '/oncall',
    '@web',
    'where',
    '&',
    '!',
    '"',
    "'",
    '\\',
    '`',
    '\n',
    '--',
    '—',
    '=',
    'because',
    'until',
    'for',
    '7d',
    'batch',
    '2',
    'from package',
    'json',
    '<!here>',
    '<@U1|ada>',
    '&lt;',
    '@everyone',
    'INC-1',
    '$(reboot)',
    '; rm -rf /',
    '\u202e',
    '\u200b',
    '\u0000',
    '__proto__',
    'constructor',
    '🔥',
    'mon 09:00',
  );
  const garbage = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(' ')),
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  test('nothing but a refusal comes out of any line', () => {
    fc.assert(
      fc.property(garbage, fc.constantFrom('terminal' as const, 'slack' as const, 'discord' as const), (line, platform) => {
        try {
          expect(verbs).toContain(parseLine(line, verbs, { ...context, platform }).command);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          expect((error as Refusal).message.length).toBeLessThan(5000);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('lines of ten kilobytes are refused at once', () => {
    expect(refusal(`check ${'a'.repeat(10_000)}`)).toContain('This line has 10006 characters; at most 4000 are read. Nothing was done.');
  });

  test.each(['a ', '"a ', 'because for ', '" ', "' ", 'where ', 'x= ', 'until 7 ', '[1—', '<@', '&lt;', '1d '])(
    'the longest line of %j takes no time',
    (piece) => {
      for (const verb of ['check ', 'exclude @all because ', 'reboot @kvm at ', 'page ada ', 'script x ', '']) {
        const line = (verb + piece.repeat(4000)).slice(0, 3999);
        const began = process.cpuUsage();
        try {
          parseLine(line, verbs, { ...context, platform: 'slack' });
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
        expect(process.cpuUsage(began).user / 1000).toBeLessThan(1000);
      }
    },
  );
});

describe('what is written back parses to the same', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}[0-9]$/);
  const targets = fc.tuple(name, fc.constantFrom('', ' & @kvm', ' ! web01', ' where uptime > 200d and xen < 4.6')).map(([host, rest]) => host + rest);
  const prose = fc.stringMatching(/^[A-Za-zäß—’"',;:!?@ -]{0,60}[a-z]$/).map((said) => `x${said}`.replace(/\s+/g, ' '));
  const quoted = (said: string) => `"${said.replace(/[\\"]/g, '\\$&')}"`;

  test('any target, batch, reason and text, in any order of options', () => {
    fc.assert(
      fc.property(targets, fc.integer({ min: 1, max: 50 }), prose, fc.boolean(), (hosts, batch, reason, first) => {
        const parts = [`batch ${batch}`, `because ${quoted(reason)}`, '--plan'];
        const line = first ? `reboot ${hosts} ${parts.join(' ')}` : `reboot ${parts.reverse().join(' ')} ${hosts}`;
        expect(read(line)).toEqual({ command: 'reboot', target: hosts, batch, because: reason, plan: true });
      }),
    );
    fc.assert(
      fc.property(prose, (said) => {
        expect(read(`page web ${quoted(said)} critical`)).toEqual({ command: 'page', who: 'web', text: said, critical: true });
        expect(read(`incident update ${said}`)).toEqual({ command: 'incident update', text: said });
      }),
    );
  });
});
