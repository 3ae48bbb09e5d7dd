/** 18 June 2018, as BinaryLane told it: the outage of each host node, and what the public read, in the clock of Brisbane. */
export const OUTAGES: readonly [host: string, down: string, up: string][] = [
  ['bnecompute03', '20:02', '20:25'],
  ['bnecompute04', '20:57', '21:19'],
  ['bnecompute05', '20:20', '21:14'],
  ['bnecompute08', '20:55', '21:37'],
  ['bnecompute09', '20:01', '20:34'],
  ['bnecompute10', '20:55', '21:36'],
  ['sydcompute01', '20:55', '21:36'],
  ['sydcompute02', '20:37', '21:05'],
  ['sydcompute03', '20:20', '20:55'],
  ['sydcompute04', '20:55', '21:28'],
  ['sydcompute05', '20:57', '21:29'],
  ['sydcompute06', '20:57', '21:30'],
  ['sydcompute07', '20:55', '21:38'],
  ['sydcompute09', '20:55', '21:38'],
  ['sydcompute10', '20:36', '21:14'],
  ['sydcompute18', '20:58', '21:24'],
  ['melcompute01', '20:02', '20:38'],
];

/** All that was named as affected when it was resolved: one of the seventeen is missing. */
const LISTED = OUTAGES.map(([host]) => host).filter((host) => host !== 'bnecompute09');

export const RESOLVED = `Platform has been stable for an hour now, so we believe disabling KernelCare has resolved the issue.

If you have not already done so please check your VPS as soon as convenient to ensure it is functioning correctly following host power-cycle. The following host nodes were affected by this incident:

${LISTED.map((host) => `- ${host}`).join('\n')}

We will provide an incident post-mortem later in the week.`;

export const POSTMORTEM =
  'On Monday, 18th June 2018 BinaryLane experienced a kernel-panic on seventeen of its host nodes. The outages started just after 20:00 AEST and were fully resolved by 22:00 AEST. The outage duration on individual host nodes varied between approximately 30 minutes and 45 minutes.';

/** What was typed, and when. */
export const TYPED: readonly [time: string, line: string][] = [
  ['20:13', 'incident open "Multiple host node outage" affects bnecompute03'],
  [
    '20:19',
    'incident identify This host node experienced a kernel fault requiring a reboot to correct. We have done so and are currently bringing customer VPS back online.',
  ],
  ['20:25', 'incident update Host nodes bnecompute03, bnecompute09, melcompute01 are affected.'],
  ['20:30', 'incident note sydcompute23 shows the same fault'],
  ['20:41', 'incident update We believe this issue relates to a KernelCare update released today and are in progress of disabling it.'],
  ['21:19', 'incident update We are continuing to disable kernelcare and restart affected host nodes.'],
  [
    '22:05',
    'incident monitor We have disabled kernelcare on all host nodes and have not seen any further kernel faults. We will continue to monitor the platform but at this point believe that this incident has been resolved.',
  ],
];

const bne = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10'].map((n) => `bnecompute${n}`);
const syd = Array.from({ length: 25 }, (_, n) => `sydcompute${String(n + 1).padStart(2, '0')}`);
const mel = ['01', '02', '03'].map((n) => `melcompute${n}`);
export const HOSTS = [...bne, ...syd, ...mel].map((name) => ({ name, site: name.slice(0, 3), groups: ['all', 'compute', name.slice(0, 3)] }));

export const CONFIG = {
  timezone: 'Australia/Brisbane',
  services: { compute: { owner: 'ada', backups: ['you'], hosts: '@compute' } },
  components: { Compute: { hosts: '@compute' }, mPanel: { hosts: 'bnecompute03' }, Website: { hosts: 'melcompute01' } },
};
