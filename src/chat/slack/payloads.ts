import { z } from 'zod';

// Only what is read; Slack adds fields as it likes. Shapes: the vendor's samples, and the Socket Mode envelopes.
const id = z.string().min(1).max(300);

export const Slash = z.object({
  command: z.string().startsWith('/'),
  text: z.string().default(''),
  channel_id: id,
  user_id: id,
  trigger_id: id,
  response_url: z.string(),
});

const User = z.object({ id });
const Channel = z.object({ id });

export const Pressed = z.object({
  type: z.literal('block_actions'),
  user: User,
  channel: Channel.optional(),
  container: z.object({ message_ts: id.optional(), channel_id: id.optional(), thread_ts: id.optional(), view_id: id.optional() }),
  message: z.object({ thread_ts: id.optional() }).optional(),
  trigger_id: id,
  response_url: z.string().optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        action_ts: z.string().default(''),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string().optional() }).nullish(),
      }),
    )
    .min(1),
});

export const Submitted = z.object({
  type: z.literal('view_submission'),
  user: User,
  view: z.object({
    id,
    hash: z.string().default(''),
    callback_id: z.string().default(''),
    private_metadata: z.string().default(''),
    state: z.object({
      values: z.record(
        z.string(),
        z.record(z.string(), z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string().optional() }).nullish() })),
      ),
    }),
  }),
});

export const Shortcut = z.object({
  type: z.literal('message_action'),
  callback_id: z.string(),
  user: User,
  channel: Channel,
  trigger_id: id,
  response_url: z.string().optional(),
  message: z.object({ ts: id, text: z.string().default(''), user: z.string().optional(), thread_ts: id.optional() }),
});

export const Callback = z.object({
  type: z.literal('event_callback'),
  event_id: id,
  authorizations: z.array(z.object({ user_id: z.string().nullish() })).nullish(),
  event: z.looseObject({ type: z.string() }),
});

/** Somebody's words: to the bot alone, or with a mention of it. */
export const Said = z.object({
  type: z.enum(['message', 'app_mention']),
  channel: id,
  channel_type: z.string().optional(),
  user: id,
  text: z.string().default(''),
  ts: id,
  thread_ts: id.optional(),
  subtype: z.undefined().optional(),
  bot_id: z.undefined().optional(),
  edited: z.undefined().optional(),
});

export const Reacted = z.object({
  type: z.literal('reaction_added'),
  user: id,
  reaction: z.string(),
  item: z.object({ type: z.literal('message'), channel: id, ts: id }),
});
