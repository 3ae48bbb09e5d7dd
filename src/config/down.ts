import { z } from 'zod';

/** Everything under `down:`: whether Holdfast looks by itself whether hosts answer. How often and how strictly stands in `defaults`. */
export const DownEntry = z.strictObject({
  watch: z
    .boolean({ error: 'must be `true` or `false`' })
    .default(true)
    .describe('Dials every host each `down.every` and waits for its SSH banner; no login. In the sandbox only with HOLDFAST_DOWN=yes'),
});
