import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRoot, type Rooted } from './in-root.ts';

let host: Rooted;
beforeEach(() => {
  host = inRoot('kernel-once');
  for (const version of ['6.1.0-40-amd64', '6.1.0-41-amd64']) {
    host.file(`boot/vmlinuz-${version}`);
    host.folder(`lib/modules/${version}`);
  }
  host.file('boot/grub/grub.cfg', GRUB_CFG);
  host.tool('grub-reboot', 'echo "next_entry=$1" >ROOT/grubenv');
  host.tool('grub-editenv', 'cat ROOT/grubenv');
});
afterEach(() => host.remove());

const once = (version: string) => host.run([version]).values;

test('the entry of that kernel boots next, the plain one and not its recovery', () => {
  expect(once('6.1.0-40-amd64')).toEqual({ entry: 'gnulinux-advanced-1f2e>gnulinux-6.1.0-40-amd64-advanced-1f2e', end: 'kernel-once v1' });
  expect(host.read('grubenv')).toBe('next_entry=gnulinux-advanced-1f2e>gnulinux-6.1.0-40-amd64-advanced-1f2e\n');
});

test('grubby knows the entry where there is one', () => {
  host.tool('grubby', `echo 'title="AlmaLinux"'; echo 'id="abc-6.1.0-40-amd64"'`);
  expect(once('6.1.0-40-amd64')).toMatchObject({ entry: 'abc-6.1.0-40-amd64' });
});

test.each([
  ['6.1.0-39-amd64', '/boot/vmlinuz-6.1.0-39-amd64 is not there any more'],
  ['../../etc/passwd', 'that is no kernel'],
  ['-n', 'that is no kernel'],
  ['', 'that is no kernel'],
])('%s is refused, and nothing is changed', (version, says) => {
  const { refused, entry } = once(version);
  expect(entry).toBeUndefined();
  expect(refused?.replace(host.root, '')).toBe(says);
  expect(host.read('grubenv')).toBe('');
});

test('a kernel GRUB has no entry for is refused', () => {
  host.file('boot/grub/grub.cfg', GRUB_CFG.replaceAll('6.1.0-40', '6.1.0-38'));
  expect(once('6.1.0-40-amd64')).toMatchObject({ refused: 'there is no boot entry for 6.1.0-40-amd64' });
});

test('a GRUB whose environment cannot be written is found out', () => {
  host.tool('grub-reboot', 'exit 0');
  host.file('grubenv');
  expect(once('6.1.0-40-amd64')).toMatchObject({ refused: 'grub-reboot changed nothing' });
});

/** As update-grub of Debian 12 writes it, shortened. */
const GRUB_CFG = `
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1f2e' {
	linux	/boot/vmlinuz-6.1.0-41-amd64 root=UUID=1f2e ro quiet
}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1f2e' {
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-41-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-41-amd64-advanced-1f2e' {
		linux	/boot/vmlinuz-6.1.0-41-amd64 root=UUID=1f2e ro quiet
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-40-amd64 (recovery mode)' --class debian $menuentry_id_option 'gnulinux-6.1.0-40-amd64-recovery-1f2e' {
		linux	/boot/vmlinuz-6.1.0-40-amd64 root=UUID=1f2e ro single
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-40-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-40-amd64-advanced-1f2e' {
		linux	/boot/vmlinuz-6.1.0-40-amd64 root=UUID=1f2e ro quiet
	}
}
`;
