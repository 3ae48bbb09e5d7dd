import type { Component, Embed } from './shapes.ts';

interface Body {
  content?: string | null;
  embeds?: Embed[] | null;
  components?: Component[] | null;
  allowed_mentions?: { parse?: string[]; users?: string[]; roles?: string[] } | null;
  nonce?: string;
  flags?: number;
  attachments?: { id: string | number; filename?: string }[];
}

/** Discord's written rules for a message that no schema states, each broken one a sentence. `whole`: it must hold something. */
export function messageProblems(body: Body, files: readonly string[], whole: boolean): string[] {
  const problems: string[] = [];
  const most = (what: string, text: string | null | undefined, limit: number, least = 0): void => {
    const length = text?.length ?? 0;
    if (length > limit) problems.push(`${what} has ${length} characters; Discord takes ${limit}`);
    if (text !== undefined && length < least) problems.push(`${what} is empty`);
  };
  most('content', body.content, 2000);
  most('nonce', body.nonce, 25);
  const embeds = body.embeds ?? [];
  if (embeds.length > 10) problems.push(`${embeds.length} embeds; Discord takes 10`);
  let all = 0;
  for (const embed of embeds) {
    most('an embed title', embed.title, 256, 1);
    most('an embed description', embed.description, 4096);
    most('an embed footer', embed.footer?.text, 2048, 1);
    if ((embed.fields?.length ?? 0) > 25) problems.push(`${embed.fields?.length} fields; Discord takes 25`);
    for (const field of embed.fields ?? []) {
      most('a field name', field.name, 256, 1);
      most('a field value', field.value, 1024, 1);
    }
    all += lengthOf(embed);
  }
  if (all > 6000) problems.push(`the embeds have ${all} characters together; Discord takes 6000`);
  problems.push(...componentProblems(body.components ?? []));
  if (body.allowed_mentions === undefined || body.allowed_mentions === null) problems.push('allowed_mentions is not said: anything in the text may ping');
  else if (body.allowed_mentions.parse === undefined) problems.push('allowed_mentions.parse is not said');
  if (whole && !body.content && embeds.length === 0 && files.length === 0 && !body.components?.length) problems.push('an empty message (50006)');
  for (const { id, filename } of body.attachments ?? []) {
    if (filename !== undefined && files[Number(id)] === undefined) problems.push(`attachment ${id} was announced and no file came`);
  }
  return problems;
}

function componentProblems(rows: readonly Component[]): string[] {
  const problems: string[] = [];
  if (rows.length > 5) problems.push(`${rows.length} rows; Discord takes 5`);
  const ids = new Set<string>();
  for (const row of rows) {
    const buttons = row.components ?? [];
    if (row.type !== 1) problems.push(`a component of type ${row.type} outside a row`);
    if (buttons.length < 1 || buttons.length > 5) problems.push(`a row of ${buttons.length}; Discord takes 1 to 5`);
    for (const { custom_id = '', label = '', type } of buttons) {
      if (custom_id.length < 1 || custom_id.length > 100) problems.push(`a custom_id of ${custom_id.length}; Discord takes 1 to 100`);
      if (ids.has(custom_id)) problems.push(`custom_id "${custom_id}" stands there twice`);
      ids.add(custom_id);
      if (type === 2 && (label.length < 1 || label.length > 80)) problems.push(`a label of ${label.length}; Discord takes 1 to 80`);
    }
  }
  return problems;
}

interface CommandOption {
  type: number;
  name: string;
  description?: string;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string }[];
  options?: CommandOption[];
}

/** The rules of a registration that no schema states. */
export function commandProblems(commands: readonly (CommandOption & { type?: number })[]): string[] {
  const problems: string[] = [];
  for (const command of commands) {
    if (command.type === 3) {
      if (command.description) problems.push(`${command.name}: a menu command has no description`);
      continue;
    }
    const characters = charactersOf(command);
    if (characters > 8000) problems.push(`/${command.name} has ${characters} characters; Discord takes 8000`);
    problems.push(...optionProblems(command, `/${command.name}`, 0));
  }
  if (commands.filter(({ type = 1 }) => type === 1).length > 100) problems.push('more than 100 commands');
  return problems;
}

function optionProblems(node: CommandOption, path: string, depth: number): string[] {
  const problems: string[] = [];
  if (!/^[-_'\p{L}\p{N}]{1,32}$/u.test(node.name) || node.name !== node.name.toLowerCase()) problems.push(`${path}: not a name`);
  if (!node.description || node.description.length > 100) problems.push(`${path}: a description has 1 to 100 characters`);
  const options = node.options ?? [];
  if (options.length > 25) problems.push(`${path}: ${options.length} options; Discord takes 25`);
  if (new Set(options.map(({ name }) => name)).size < options.length) problems.push(`${path}: two options of one name`);
  const optional = options.findIndex(({ type, required }) => type > 2 && !required);
  if (optional >= 0 && options.slice(optional).some(({ required }) => required)) problems.push(`${path}: a required option after an optional one`);
  if ((node.choices?.length ?? 0) > 25) problems.push(`${path}: more than 25 choices`);
  if (node.choices?.length && node.autocomplete) problems.push(`${path}: choices and autocomplete exclude each other`);
  const nested = options.filter(({ type }) => type <= 2);
  if (nested.length > 0 && nested.length < options.length) problems.push(`${path}: subcommands beside other options`);
  if (depth > 0 && nested.some(({ type }) => type === 2)) problems.push(`${path}: a group inside a group`);
  return [...problems, ...options.flatMap((option) => optionProblems(option, `${path} ${option.name}`, depth + 1))];
}

const charactersOf = (node: CommandOption): number =>
  node.name.length +
  (node.description?.length ?? 0) +
  (node.choices ?? []).reduce((sum, { name, value }) => sum + name.length + String(value).length, 0) +
  (node.options ?? []).reduce((sum, option) => sum + charactersOf(option), 0);

const lengthOf = (embed: Embed): number =>
  [embed.title, embed.description, embed.footer?.text, embed.author?.name, ...(embed.fields ?? []).flatMap(({ name, value }) => [name, value])].reduce(
    (sum, text) => sum + (text?.length ?? 0),
    0,
  );

/** Whose devices a text rings, as Discord reads it. */
export function pings(text: string, allowed: Body['allowed_mentions']): string[] {
  const may = (kind: string): boolean => !allowed || (allowed.parse ?? []).includes(kind);
  const found = new Set<string>();
  for (const [, id = ''] of text.matchAll(/<@!?(\d{17,20})>/g)) if (may('users') || allowed?.users?.includes(id)) found.add(id);
  for (const [, id = ''] of text.matchAll(/<@&(\d{17,20})>/g)) if (may('roles') || allowed?.roles?.includes(id)) found.add(id);
  if (/@(everyone|here)\b/.test(text) && may('everyone')) found.add('everyone');
  return [...found];
}
