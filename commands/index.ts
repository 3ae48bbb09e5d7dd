import { ack } from './ack.ts';
import { action } from './action.ts';
import { approve } from './approve.ts';
import { away } from './away.ts';
import { back } from './back.ts';
import { board } from './board.ts';
import { certs } from './certs.ts';
import { check } from './check.ts';
import { cover } from './cover.ts';
import { exclude } from './exclude.ts';
import { go } from './go.ts';
import { hello } from './hello.ts';
import { help } from './help.ts';
import { incidentAffects } from './incident-affects.ts';
import { incidentLead } from './incident-lead.ts';
import { incidentMaintenance } from './incident-maintenance.ts';
import { incidentMerge } from './incident-merge.ts';
import { incidentNote } from './incident-note.ts';
import { incidentOpen } from './incident-open.ts';
import { incidentPostmortem } from './incident-postmortem.ts';
import { incidentReopen } from './incident-reopen.ts';
import { incidentResolve } from './incident-resolve.ts';
import { incidentSeverity } from './incident-severity.ts';
import { incidentSpeak } from './incident-speak.ts';
import { lend } from './lend-slot.ts';
import { link } from './link.ts';
import { oncall } from './oncall.ts';
import { page } from './page.ts';
import { pass } from './pass.ts';
import { patch } from './patch.ts';
import { pauseAlerts } from './pause-alerts.ts';
import { pauseUpdates } from './pause-updates.ts';
import { policyUpdates } from './policy-updates.ts';
import { power } from './power.ts';
import { reboot } from './reboot.ts';
import { releaseSlot } from './release-slot.ts';
import { resumeAlerts } from './resume-alerts.ts';
import { resumeUpdates } from './resume-updates.ts';
import { rotateCa } from './rotate-ca.ts';
import { rotateCerts } from './rotate-certs.ts';
import { sandbox } from './sandbox.ts';
import { script } from './script.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { take } from './take.ts';
import { undo } from './undo.ts';
import { unloadKernelcare } from './unload-kernelcare.ts';

/** Every verb a person can type. A file that is missing here fails a test. */
export const commands = [
  ack,
  ...action,
  approve,
  away,
  back,
  board,
  certs,
  check,
  cover,
  exclude,
  go,
  hello,
  help,
  incidentOpen,
  ...incidentSpeak,
  incidentResolve,
  incidentReopen,
  incidentNote,
  incidentAffects,
  incidentSeverity,
  incidentLead,
  incidentMerge,
  incidentMaintenance,
  incidentPostmortem,
  lend,
  ...link,
  oncall,
  page,
  pass,
  patch,
  pauseAlerts,
  pauseUpdates,
  policyUpdates,
  ...power,
  reboot,
  releaseSlot,
  resumeAlerts,
  resumeUpdates,
  rotateCa,
  rotateCerts,
  sandbox,
  script,
  show,
  status,
  stop,
  take,
  undo,
  unloadKernelcare,
];
