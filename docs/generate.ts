import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../commands/index.ts';
import { reference } from '../src/chat/reference.ts';
import { packageRoot } from '../src/root.ts';
import { writeConfigDocs } from './config.ts';
import { factsPage } from './facts.ts';

writeFileSync(join(packageRoot, 'docs', 'commands.md'), reference(commands));
writeFileSync(join(packageRoot, 'docs', 'facts.md'), factsPage());
writeConfigDocs();
