import { z } from 'zod';

/** `holds:` of holdfast.yaml: what else updates hosts by itself, beside what Holdfast knows. */
export const HoldsEntry = z.strictObject({
  units: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9:_.@\\-]*\.(service|timer|socket|path)$/, 'is no unit: write its whole name, `puppet.service`, `ansible-pull.timer`'),
      { error: 'must be a list of systemd units: `[puppet.service, chef-client.timer]`' },
    )
    .default([
      'puppet.service',
      'puppet-run.timer',
      'pxp-agent.service',
      'chef-client.service',
      'chef-client.timer',
      'salt-minion.service',
      'ansible-pull.service',
      'ansible-pull.timer',
      'kured.service',
    ])
    .describe('Units that change or reboot hosts by themselves: stopped and masked while updates are paused (source `agents`)'),
});
