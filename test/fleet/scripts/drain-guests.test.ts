import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inRoot, type Rooted } from './in-root.ts';

let host: Rooted;
beforeEach(() => {
  host = inRoot('drain-guests');
});
afterEach(() => host.remove());

const call = (verb: string, intent = 'R1-kvm01-1') => host.run([verb, 'kvm01', intent, 'to=qemu+ssh://kvm02/system', 'self=qemu+ssh://kvm01/system']).values;

/** A libvirt: guests are files, here and on the other side; `stuck` ones cannot be moved. Each move is kept account of. */
function libvirt(...guests: string[]): void {
  for (const guest of guests) host.file(`here/${guest}`);
  host.folder('there');
  host.tool(
    'virsh',
    `cd ROOT
case "$*" in
  'list --name') ls here; echo ;;
  domstate*) [ -e "here/$2" ] && echo running ;;
  -c*migrate*) echo "back $7" >>moves; [ "$2 $8" = 'qemu+ssh://kvm02/system qemu+ssh://kvm01/system' ] && mv "there/$7" here ;;
  migrate*) echo "away $5" >>moves; [ ! -e "stuck-$5" ] && mv "here/$5" there || { echo "error: $5 has a host device" >&2; exit 1; } ;;
esac`,
  );
}

/** Asks until it is no longer busy: the guests are moved by a process that outlives each call. */
function until(verb: string): Record<string, string> {
  for (let asked = 0; ; asked++) {
    const values = call(verb);
    if (values.state !== 'busy' || asked > 200) return values;
  }
}

describe('libvirt', () => {
  test('guests are moved one by one, once, and back after the boot', () => {
    libvirt('web01', 'db01');
    const begun = call('begin');
    expect(begun).toMatchObject({ end: 'drain-guests v1', state: expect.stringMatching(/^(busy|done)$/) });
    expect(until('begin')).toMatchObject({ state: 'done' });
    expect(call('look')).toMatchObject({ state: 'done' });
    expect(host.read('moves').split('\n').filter(Boolean).sort()).toEqual(['away db01', 'away web01']);
    expect(until('undo')).toMatchObject({ state: 'done' });
    expect(host.read('moves').match(/^back/gm)).toHaveLength(2);
    expect(call('undo')).toMatchObject({ state: 'done' });
  });

  test('a guest that cannot be moved fails the drain with what libvirt said, and undo brings the others back', () => {
    libvirt('web01', 'gpu01');
    host.file('stuck-gpu01');
    call('begin');
    expect(until('look')).toMatchObject({ state: 'failed', detail: expect.stringMatching(/^1 guest could not be moved: .*gpu01 has a host device/) });
    expect(until('undo')).toMatchObject({ state: 'done' });
    expect(host.read('moves').match(/^back web01$/m)).not.toBeNull();
  });

  test('a host so slow that the one that moves them is long in coming up is not said to have failed, and nothing is begun twice', () => {
    libvirt('web01', 'db01');
    // Until it comes up nothing in its place carries its words, as between fork and exec.
    host.tool('setsid', `printf '%s\\0' "$@" >ROOT/words && exec sh -c 'sleep 0.3; xargs -0 env <ROOT/words'`);
    expect(call('begin')).toMatchObject({ state: expect.stringMatching(/^(busy|done)$/) });
    expect(until('begin')).toMatchObject({ state: 'done' });
    expect(host.read('moves').split('\n').filter(Boolean).sort()).toEqual(['away db01', 'away web01']);
    expect(until('undo')).toMatchObject({ state: 'done' });
    expect(host.read('moves').match(/^back/gm)).toHaveLength(2);
  });

  test('without a place to go nothing is moved', () => {
    libvirt('web01');
    expect(host.run(['begin', 'kvm01', 'R1-kvm01-1']).values).toMatchObject({ state: 'failed', detail: expect.stringContaining('to=') });
    expect(host.read('moves')).toBe('');
  });

  test('undo of what was never drained is done, and does nothing', () => {
    libvirt('web01');
    expect(call('undo')).toMatchObject({ state: 'done' });
    expect(host.read('moves')).toBe('');
  });
});

test('on Proxmox VE the cluster moves them: maintenance on, waited for, off', () => {
  host.tool('ha-manager', 'echo "$*" >>ROOT/asked');
  host.tool('qm', "echo 'VMID NAME STATUS'; [ -e ROOT/moved ] || echo '101 web01 running'; echo '102 old stopped'");
  expect(call('begin')).toMatchObject({ state: 'busy', detail: '1 guest still here' });
  host.file('moved');
  expect(call('look')).toMatchObject({ state: 'done' });
  expect(call('undo')).toMatchObject({ state: 'done' });
  expect(host.read('asked')).toBe('crm-command node-maintenance enable kvm01\ncrm-command node-maintenance disable kvm01\n');
});

test('where there is nothing that moves guests, it says so', () => {
  host.remove();
  host = inRoot('drain-guests', { without: 'virsh' });
  expect(call('begin')).toMatchObject({ state: 'failed', detail: 'there is neither virsh nor the manager of Proxmox VE here' });
});
