import { z } from 'zod';
import { type Command, defineCommand } from '../../src/chat/command.ts';
import { because, choice, count, duration, flag, hostName, id, person, scriptParams, target, text, thing, until, verb, word } from '../../src/chat/options.ts';

/**
 * The whole table of verbs, with those of later work, as declared by nobody yet: the grammar, the limits of the platforms
 * and the usage lines are proven against what has to fit in the end.
 */
export const verbs: Command[] = [
  fake('status', {}, ['status']),
  fake('help', { verb: verb().optional() }, ['help', 'help check', 'help pause updates']),
  fake('check', { target: target() }, ['check @web', 'check host web01']),
  fake('show', { what: anything() }, ['show R1', 'show @prod where uptime > 200d', 'show runs', 'show runbook web', 'show @all --json']),
  fake('compare', { what: thing({ ids: ['incident'] }).optional() }, ['compare', 'compare INC-1', 'compare @web']),
  fake('certs', { target: target().optional(), expiring: duration({ keyword: 'expiring' }).optional() }, [
    'certs',
    'certs @kaza',
    'certs @kaza expiring 30d',
    'certs expiring 30d',
  ]),
  fake('oncall', { service: word().optional() }, ['oncall', 'oncall web'], { root: 'oncall' }),
  fake('away', { for: duration().optional(), until: until().optional() }, ['away for 3d', 'away until mon'], { root: 'oncall' }),
  fake('back', {}, ['back'], { root: 'oncall' }),
  fake('cover', { person: person(), for: duration().optional(), until: until().optional() }, ['cover ada until 18:00'], { root: 'oncall' }),
  fake(
    'reboot',
    {
      target: target(),
      batch: count().max(50).optional(),
      byRings: flag(),
      at: until({ keyword: 'at' }).optional(),
      because: because().optional(),
      plan: flag(),
    },
    ['reboot @kvm batch 2', 'reboot batch @kvm', 'reboot @prod by rings at sat 02:00', 'reboot web01 plan'],
  ),
  fake('patch', { target: target(), withoutKernel: flag(), byRings: flag(), at: until({ keyword: 'at' }).optional() }, [
    'patch @web without kernel by rings',
    'patch @web at 22:00',
  ]),
  fake(
    'pause updates',
    { target: target(), source: word({ keyword: 'source' }).optional(), for: duration().optional(), until: until().optional(), because: because().optional() },
    ['pause updates @all source kernelcare for 7d'],
  ),
  fake('pause alerts', { target: target(), for: duration().optional(), until: until().optional() }, ['pause alerts @web for 2h']),
  fake('resume updates', { what: thing({ ids: ['hold'] }) }, ['resume updates H1', 'resume updates @web']),
  fake('resume alerts', { what: thing({ ids: ['hold'] }) }, ['resume alerts @web']),
  fake('unload kernelcare', { target: target() }, ['unload kernelcare @all']),
  fake('rotate certs', { target: target(), cert: word({ keyword: 'cert' }).optional() }, ['rotate certs kyousuke', 'rotate certs kyousuke cert ca']),
  fake('rotate ca', {}, ['rotate ca']),
  fake('power', { what: choice(['status', 'console', 'log', 'on', 'off', 'cycle']), target: target() }, ['power status kvm05', 'power cycle kvm05']),
  fake('script', { name: word(), target: target(), params: scriptParams().optional() }, [
    'script restart @web service nginx',
    'script restart @web & @bne where uptime > 3d service=nginx wait 5s',
    'script noop web01',
  ]),
  fake(
    'policy updates',
    { target: target(), delay: duration({ keyword: 'delay' }).optional(), gradual: flag(), window: word({ keyword: 'window' }).optional() },
    ['policy updates @prod delay 48h gradual window nights'],
  ),
  fake(
    'exclude',
    {
      target: target(),
      fromPackage: word({ keyword: 'from package' }).optional(),
      fromJob: word({ keyword: 'from job' }).optional(),
      because: because(),
      until: until().optional(),
    },
    [
      'exclude @all where xen < 4.6 from package "linux-image*" because does not boot under xen 4.2 until mon 09:00',
      'exclude @all where xen < 4.6 from job reboot because "does not boot"',
    ],
  ),
  fake('approve', { run: id(['run']).optional() }, ['approve R1', 'approve']),
  fake('stop', { what: thing({ ids: ['run'] }).optional(), because: because().optional() }, ['stop', 'stop R1', 'stop @web because it burns']),
  fake('go', { run: id(['run']).optional(), retry: flag() }, ['go', 'go R1 retry', 'go retry']),
  fake('undo', { what: id(['run', 'hold', 'rule']) }, ['undo R1', 'undo H1', 'undo E1']),
  fake('take', { what: id(['run', 'page', 'incident']).optional() }, ['take INC-1', 'take']),
  fake(
    'page',
    { who: person(), text: text().optional(), low: flag(), critical: flag() },
    ['page web "db down"', 'page me', 'page ada db is down', 'page web "db down" critical'],
    { root: 'oncall' },
  ),
  fake('ack', { page: id(['page']).optional(), for: duration().optional() }, ['ack', 'ack PG1', 'ack PG1 for 30m', 'ack for 30m'], { root: 'oncall' }),
  fake('pass', { page: id(['page']).optional(), to: person({ keyword: 'to' }).optional() }, ['pass PG1 to pepe', 'pass'], { root: 'oncall' }),
  fake('release slot', { host: hostName(), because: because() }, ['release slot kvm05 because it was replaced']),
  fake('hello', { code: word() }, ['hello 493021'], { root: 'oncall' }),
  fake('sandbox', { host: hostName(), fault: word() }, ['sandbox kvm05 no-return', 'sandbox lab01 uptime=211d']),
  fake(
    'incident open',
    { title: text(), severity: choice(['critical', 'major', 'minor'], { keyword: 'severity' }).optional(), affects: target({ keyword: 'affects' }).optional() },
    ['incident open "web is slow"', 'incident open "web is slow" severity major affects @web', 'incident open web is slow'],
  ),
  ...['update', 'identify', 'monitor', 'resolve', 'reopen'].map((name) =>
    fake(`incident ${name}`, { incident: id(['incident']).optional(), text: text() }, [
      `incident ${name} We believe it is the cable.`,
      `incident ${name} INC-1 It is the cable`,
    ]),
  ),
  fake('incident note', { incident: id(['incident']).optional(), text: text(), on: target({ keyword: 'on' }).optional() }, [
    'incident note "swapped the cable" on web01',
    'incident note it is getting dark',
  ]),
  fake('incident affects', { incident: id(['incident']).optional(), target: target() }, ['incident affects @web', 'incident affects INC-1 @web & @bne']),
  fake('incident severity', { incident: id(['incident']).optional(), severity: choice(['critical', 'major', 'minor']) }, [
    'incident severity INC-1 minor',
    'incident severity major',
  ]),
  fake('incident lead', { incident: id(['incident']).optional(), person: person() }, ['incident lead ada', 'incident lead INC-1 @ada']),
  fake('incident merge', { incident: id(['incident']), into: id(['incident'], { keyword: 'into' }) }, ['incident merge INC-2 into INC-1']),
  fake(
    'incident maintenance',
    { title: text(), affects: target({ keyword: 'affects' }).optional(), at: until({ keyword: 'at' }), for: duration().optional() },
    ['incident maintenance "new switches" affects @bne at sat 02:00 for 2h'],
  ),
];

function anything() {
  return thing({ ids: ['run', 'page', 'incident', 'hold', 'rule'], lists: ['runs', 'holds', 'rules', 'slots', 'audit', 'versions', 'defaults', 'runbook'] });
}

function fake(name: string, options: z.ZodRawShape, examples: string[], more: Partial<Command> = {}): Command {
  return defineCommand({ name, summary: `Does ${name}`, examples, role: 'anyone', options: z.object(options), run: async () => ({}), ...more });
}
