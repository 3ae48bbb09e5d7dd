import { checkHost } from '../src/fleet/check-host.ts';
import { CheckParams } from '../src/fleet/check-params.ts';
import { defineRead } from '../src/jobs.ts';

export const check = defineRead({
  name: 'check',
  summary: 'Asks a host what it is and how it is: facts and findings, one exec, nothing changed',
  risk: 'read',
  params: CheckParams,
  act: checkHost,
});
