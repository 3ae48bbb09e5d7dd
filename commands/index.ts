import { check } from './check.ts';
import { go } from './go.ts';
import { help } from './help.ts';
import { sandbox } from './sandbox.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

/** Every verb a person can type. A file that is missing here fails a test. */
export const commands = [check, go, help, sandbox, show, status, stop];
