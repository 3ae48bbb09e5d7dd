import type { Wire } from './workspace.ts';

// chat-platforms.md "Rules with numbers"; the figures are @slack/types' and the vendor's pages'.
const LIMITS = {
  blocks: 50,
  viewBlocks: 100,
  all: 13_200,
  text: 4000,
  most: 40_000,
  section: 3000,
  fields: 10,
  field: 2000,
  header: 150,
  button: 75,
  value: 2000,
  url: 3000,
  id: 255,
  actions: 25,
  context: 10,
  overflow: 5,
  options: 100,
  option: 75,
  optionValue: 150,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  input: 3000,
  title: 24,
  metadata: 3000,
  callback: 255,
  placeholder: 150,
  view: 250_000,
} as const;

/** What is wrong with a message, each as Slack would call it and as a person would say it. */
export function messageProblems({ text, blocks }: { text?: unknown; blocks?: Wire }): { error: string; says: string }[] {
  const problems: { error: string; says: string }[] = [];
  const bad = (error: string, says: string): void => void problems.push({ error, says });
  const said = typeof text === 'string' ? text : '';
  if (!said && !(Array.isArray(blocks) && blocks.length > 0)) bad('no_text', 'neither text nor blocks');
  if (said.length > LIMITS.most) bad('msg_too_long', `text of ${said.length} characters`);
  else if (said.length > LIMITS.text) bad('', `text of ${said.length} characters is split into several messages`);
  if (blocks !== undefined) {
    if (!Array.isArray(blocks)) bad('invalid_blocks_format', 'blocks are no list');
    else {
      if (blocks.length > LIMITS.blocks) bad('invalid_blocks', `${blocks.length} blocks`);
      for (const says of blocks.flatMap(blockProblems)) bad('invalid_blocks', says);
      const all = blocks.reduce((sum: number, block: Wire) => sum + charactersOf(block), 0);
      if (all > LIMITS.all) bad('msg_blocks_too_long', `${all} characters in all blocks`);
      const ids = blocks.flatMap((block) => (block.block_id ? [block.block_id] : []));
      if (new Set(ids).size < ids.length) bad('invalid_blocks', 'two blocks have one block_id');
    }
  }
  return problems;
}

/** What is wrong with a modal. */
export function viewProblems(view: Wire): string[] {
  const problems: string[] = [];
  if (view?.type !== 'modal' && view?.type !== 'home') problems.push(`a view of type ${view?.type}`);
  for (const name of ['title', 'submit', 'close'] as const) if (view?.[name]) problems.push(...textProblems(view[name], LIMITS.title, name, 'plain_text'));
  if (!view?.title) problems.push('a view without a title');
  if ((view?.private_metadata ?? '').length > LIMITS.metadata) problems.push('private_metadata is too long');
  if ((view?.callback_id ?? '').length > LIMITS.callback) problems.push('callback_id is too long');
  if ((view?.blocks ?? []).length > LIMITS.viewBlocks) problems.push(`${view.blocks.length} blocks in a view`);
  if ((view?.blocks ?? []).some((block: Wire) => block.type === 'input') && !view.submit) problems.push('an input without a submit button');
  if (JSON.stringify(view).length > LIMITS.view) problems.push('view_too_large');
  return [...problems, ...(view?.blocks ?? []).flatMap(blockProblems)];
}

function blockProblems(block: Wire): string[] {
  const problems: string[] = [];
  if ((block.block_id ?? '').length > LIMITS.id) problems.push('block_id is too long');
  switch (block.type) {
    case 'header':
      return [...problems, ...textProblems(block.text, LIMITS.header, 'header', 'plain_text')];
    case 'section':
      if (!block.text && !block.fields) problems.push('a section with nothing in it');
      if (block.text) problems.push(...textProblems(block.text, LIMITS.section, 'section'));
      if (block.fields && (block.fields.length < 1 || block.fields.length > LIMITS.fields)) problems.push(`${block.fields.length} fields in a section`);
      for (const field of block.fields ?? []) problems.push(...textProblems(field, LIMITS.field, 'field'));
      return [...problems, ...(block.accessory ? elementProblems(block.accessory) : [])];
    case 'context':
      if (block.elements.length < 1 || block.elements.length > LIMITS.context) problems.push(`${block.elements.length} elements in a context`);
      for (const element of block.elements) if (element.type !== 'image') problems.push(...textProblems(element, LIMITS.section, 'context'));
      return problems;
    case 'actions': {
      if (block.elements.length < 1 || block.elements.length > LIMITS.actions) problems.push(`${block.elements.length} elements in actions`);
      const ids = block.elements.map(({ action_id }: Wire) => action_id);
      if (new Set(ids).size < ids.length) problems.push('two elements of one block have one action_id');
      return [...problems, ...block.elements.flatMap(elementProblems)];
    }
    case 'input':
      problems.push(...textProblems(block.label, LIMITS.section, 'label', 'plain_text'));
      if (block.hint) problems.push(...textProblems(block.hint, LIMITS.section, 'hint', 'plain_text'));
      return [...problems, ...elementProblems(block.element)];
    case 'divider':
      return problems;
    default:
      return [...problems, `a block of type ${block.type} is not known to the stand-in`];
  }
}

function elementProblems(element: Wire): string[] {
  const problems: string[] = [];
  if ((element.action_id ?? '').length > LIMITS.id) problems.push('action_id is too long');
  if (element.placeholder) problems.push(...textProblems(element.placeholder, LIMITS.placeholder, 'placeholder', 'plain_text'));
  if (element.confirm) problems.push(...confirmProblems(element.confirm));
  switch (element.type) {
    case 'button':
      problems.push(...textProblems(element.text, LIMITS.button, 'button', 'plain_text'));
      if ((element.value ?? '').length > LIMITS.value) problems.push('the value of a button is too long');
      if ((element.url ?? '').length > LIMITS.url) problems.push('the url of a button is too long');
      if (element.style && !['primary', 'danger'].includes(element.style)) problems.push(`a button of style ${element.style}`);
      return problems;
    case 'overflow':
      if (element.options.length < 1 || element.options.length > LIMITS.overflow) problems.push(`${element.options.length} options in an overflow`);
      return [...problems, ...element.options.flatMap(optionProblems)];
    case 'static_select':
      if (element.options.length < 1 || element.options.length > LIMITS.options) problems.push(`${element.options.length} options in a select`);
      return [...problems, ...element.options.flatMap(optionProblems)];
    case 'plain_text_input':
      if ((element.max_length ?? 1) > LIMITS.input) problems.push('max_length is too long');
      if ((element.initial_value ?? '').length > LIMITS.input) problems.push('initial_value is too long');
      return problems;
    default:
      return [...problems, `an element of type ${element.type} is not known to the stand-in`];
  }
}

const optionProblems = (option: Wire): string[] => [
  ...textProblems(option.text, LIMITS.option, 'option'),
  ...((option.value ?? '').length > LIMITS.optionValue ? ['the value of an option is too long'] : []),
];

const confirmProblems = (confirm: Wire): string[] => [
  ...textProblems(confirm.title, LIMITS.confirmTitle, 'confirm title', 'plain_text'),
  ...textProblems(confirm.text, LIMITS.confirmText, 'confirm text'),
  ...textProblems(confirm.confirm, LIMITS.confirmButton, 'confirm button', 'plain_text'),
  ...textProblems(confirm.deny, LIMITS.confirmButton, 'deny button', 'plain_text'),
];

function textProblems(text: Wire, most: number, where: string, kind?: 'plain_text'): string[] {
  if (typeof text?.text !== 'string') return [`${where} has no text object`];
  const problems: string[] = [];
  if (text.text.length < 1) problems.push(`${where} is empty`);
  if (text.text.length > most) problems.push(`${where} has ${text.text.length} characters, at most ${most} are taken`);
  if (kind && text.type !== kind) problems.push(`${where} must be ${kind}`);
  if (!['plain_text', 'mrkdwn'].includes(text.type)) problems.push(`${where} is of type ${text.type}`);
  return problems;
}

/** Characters of all texts of a block, as far as anybody could measure what Slack counts. */
function charactersOf(block: Wire): number {
  if (typeof block !== 'object' || block === null) return 0;
  const own = typeof block.text === 'string' ? block.text.length : 0;
  return own + Object.values(block).reduce((sum: number, part) => sum + charactersOf(part), 0);
}
