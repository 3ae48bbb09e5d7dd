import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDefaults } from '../src/config/defaults.ts';
import { editorSchema } from '../src/config/editor-schema.ts';
import { packageRoot } from '../src/root.ts';

/** docs/holdfast.schema.json and docs/defaults.md, made from the code; a test asserts that they are current. */
export function configDocs(): { path: string; text: string }[] {
  return [
    { path: join(packageRoot, 'docs', 'holdfast.schema.json'), text: `${JSON.stringify(editorSchema(), null, 2)}\n` },
    { path: join(packageRoot, 'docs', 'defaults.md'), text: defaultsPage() },
  ];
}

export function writeConfigDocs(): void {
  for (const { path, text } of configDocs()) writeFileSync(path, text);
}

function defaultsPage(): string {
  const rows = listDefaults({ defaults: {}, ssh: {} }).map(({ name, says, means, part }) => `| \`${name}\` | ${says} | ${means} | ${part} |`);
  return `# Defaults

What happens when nobody says anything. Written by \`npm run docs\` from \`src/config/defaults.ts\`; \`/ops show defaults\`
lists them with what the configuration says instead. Override them in \`holdfast.yaml\` under \`defaults:\`, those of
\`ssh.\` under \`ssh:\`:

\`\`\`yaml
defaults:
  soak.canary: 20m
ssh:
  connect: 8s
\`\`\`

| name | value | what it is | part |
|---|---|---|---|
${rows.join('\n')}
`;
}
