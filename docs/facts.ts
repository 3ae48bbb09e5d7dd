import { FACTS, type FactKind } from '../src/fleet/facts/catalogue.ts';

const TYPES: Record<FactKind['type'], string> = {
  text: 'text',
  number: 'number',
  version: 'version',
  yesno: 'yes or no',
  time: 'time',
  list: 'list',
  table: 'rows',
};

/** docs/facts.md, from the catalogue. A test fails when it is stale. */
export function factsPage(): string {
  const rows = Object.entries(FACTS).map(
    ([name, { type, summary, root }]) => `| \`${name}\` | ${TYPES[type]} | ${cell(summary)}${root ? ' (needs root or the sudoers line)' : ''} |`,
  );
  return `# Facts

What a check can bring, by the names that \`where\` and \`show\` use. Made from the catalogue by \`npm run docs\`. Inventory
variables are facts too, under their own names. A fact that was not seen is absent: it matches no comparison, neither
\`<\` nor \`>=\`, only \`is absent\`. Versions compare as numbers (4.11 > 4.2), times are ISO.

| fact | type | what it is |
| --- | --- | --- |
${rows.join('\n')}
`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
