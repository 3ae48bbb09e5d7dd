import { z } from 'zod';
import { lookAtCertificates } from '../src/certificates/look.ts';
import { defineRead } from '../src/jobs.ts';

export const certs = defineRead({
  name: 'certs',
  summary: 'Looks at the certificates of a host: its files, and what it serves; nothing changed',
  risk: 'read',
  // Of which only those are shown that end within so many domain ms.
  params: z.object({ expiring: z.number().optional() }),
  act: lookAtCertificates,
});
