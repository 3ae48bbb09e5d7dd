import { messageProblems } from './rules.ts';
import { type Component, EPHEMERAL, type Interaction } from './shapes.ts';
import { type State, thinkingMessage, wireMessage, writeMessage } from './state.ts';
import { type Answer, type Asked, problem, rings } from './wire.ts';

/** First answers within 3 s, all others within 15 min, by the stand-in's clock. */
const FIRST = 3000;
const TOKEN = 15 * 60_000;

/** The first answer to an interaction: taken once, in time, and of a type that fits its kind. */
export function answerInteraction(state: State, id: string, token: string, { body, files, query }: Asked): Answer {
  const interaction = state.interactions.get(id);
  if (!interaction || interaction.token !== token || state.now() - interaction.sent > FIRST) return problem(404, 10062, 'Unknown interaction');
  if (interaction.ack) return problem(400, 40060, 'Interaction has already been acknowledged.');
  const unfit = unfitting(interaction, body.type);
  if (unfit) {
    state.violations.push(unfit);
    return problem(400, 50035, 'Invalid Form Body');
  }
  const within = state.now() - interaction.sent;
  if (body.type === 8) {
    if ((body.data.choices ?? []).length > 25) state.violations.push('more than 25 choices');
    interaction.ack = { type: 8, choices: body.data.choices ?? [], within };
  } else if (body.type === 9) interaction.ack = { type: 9, modal: body.data as { custom_id: string; title: string; components: Component[] }, within };
  else acknowledge(state, interaction, body, files, within);
  state.changed.emit('changed');
  if (query.get('with_response') !== 'true') return { status: 204 };
  const message = interaction.original ? state.messages.get(interaction.original) : undefined;
  return {
    status: 200,
    body: { interaction: { id, type: interaction.kind }, resource: { type: body.type, ...(message && { message: wireMessage(state, message) }) } },
  };
}

function acknowledge(state: State, interaction: Interaction, body: Asked['body'], files: Asked['files'], within: number): void {
  const ephemeral = ((body.data?.flags ?? 0) & EPHEMERAL) !== 0;
  interaction.ack = { type: body.type, ephemeral, within };
  const pressed = interaction.message ? state.messages.get(interaction.message) : undefined;
  if (body.type === 5) interaction.original = thinkingMessage(state, interaction, ephemeral).id;
  if (body.type === 4) {
    const message = writeMessage(state, body.data ?? {}, files, {
      channel_id: interaction.channel,
      author: state.bot,
      of: interaction.id,
      ...(ephemeral && { ephemeralFor: interaction.user }),
    });
    rings(message, body.data ?? {});
    interaction.original = message.id;
  }
  if ((body.type === 6 || body.type === 7) && pressed) interaction.original = pressed.id;
  if (body.type === 7 && pressed) writeMessage(state, body.data ?? {}, files, pressed);
}

/** `PATCH /webhooks/{app}/{token}/messages/@original` and `/{id}`. */
export function editReply(state: State, token: string, which: string, { body, files }: Asked): Answer {
  const interaction = [...state.interactions.values()].find((one) => one.token === token);
  if (!interaction || state.now() - interaction.sent > TOKEN) return problem(401, 50027, 'Invalid Webhook Token');
  if (!interaction.ack) return problem(404, 10015, 'Unknown Webhook');
  const message = state.messages.get(which === '@original' ? (interaction.original ?? '') : which);
  if (!message) return problem(404, 10008, 'Unknown Message');
  if (
    messageProblems(
      { ...body, content: body.content ?? '.' },
      files.map(({ name }) => name),
      false,
    ).length > 0
  )
    return problem(400, 50035, 'Invalid Form Body');
  const written = writeMessage(state, body, files, message);
  rings(written, body);
  return { status: 200, body: wireMessage(state, written) };
}

function unfitting({ kind }: Interaction, type: number): string | undefined {
  if (kind === 4 && type !== 8) return `an autocomplete was answered with type ${type}`;
  if (kind !== 4 && type === 8) return 'choices were sent for something that is no autocomplete';
  if (kind === 5 && type === 9) return 'a modal was answered with a modal';
  if (kind === 2 && (type === 6 || type === 7)) return `a command was answered with type ${type}, which changes a message it does not have`;
  return undefined;
}
