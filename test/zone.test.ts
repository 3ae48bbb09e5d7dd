import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/root.ts';
import { isZone } from '../src/zone.ts';

const zoneWith = (TZ: string): string =>
  spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', `import { zoneOfMachine } from '${join(packageRoot, 'src/zone.ts')}'; console.log(zoneOfMachine())`],
    {
      cwd: packageRoot,
      env: { ...process.env, TZ },
      encoding: 'utf8',
    },
  ).stdout.trim();

describe('the zone of the machine', () => {
  test('is what TZ says, and UTC where that is no zone: nobody is refused for it', () => {
    expect(zoneWith('Australia/Brisbane')).toBe('Australia/Brisbane');
    for (const odd of [':/etc/localtime', '', 'Foo/Bar']) expect(zoneWith(odd)).toBe('UTC');
  });

  test('is an IANA name', () => {
    expect(['UTC', 'Europe/Berlin', 'Etc/Unknown', 'Foo/Bar', '+02:00', '', '\0'].filter(isZone)).toEqual(['UTC', 'Europe/Berlin']);
  });
});
