import { createHmac } from 'node:crypto';

/** Zincati's own, by which it makes the id it shows from the machine-id: https://github.com/coreos/zincati, src/identity/mod.rs */
const ZINCATI = Buffer.from('de35106b6ec24688b63afddaa156679b', 'hex');

/**
 * What `systemd-id128 machine-id -a <Zincati>` prints on a host with this machine-id (sd_id128_get_machine_app_specific): an HMAC cut to
 * 128 bits and marked as a UUID of version 4. `undefined` for what is no machine-id.
 */
export function zincatiId(machineId: unknown): string | undefined {
  if (typeof machineId !== 'string' || !/^[0-9a-f]{32}$/i.test(machineId.replaceAll('-', ''))) return undefined;
  const id = createHmac('sha256', Buffer.from(machineId.replaceAll('-', ''), 'hex'))
    .update(ZINCATI)
    .digest()
    .subarray(0, 16);
  id[6] = ((id[6] as number) & 0x0f) | 0x40;
  id[8] = ((id[8] as number) & 0x3f) | 0x80;
  return id.toString('hex');
}
