import { z } from 'zod';

// Only what is used, looked at before anything is done with it: a payload that is none must not end the process.
const ID = z.string().regex(/^\d{15,21}$/);
const User = z.object({ id: ID, username: z.string().optional(), global_name: z.string().nullish(), bot: z.boolean().optional() });
const Member = z.object({ user: User.optional(), roles: z.array(ID).default([]), nick: z.string().nullish() });

type Option = { name: string; type: number; value?: string | number | boolean | undefined; focused?: boolean | undefined; options?: Option[] | undefined };
const Option: z.ZodType<Option> = z.lazy(() =>
  z.object({
    name: z.string(),
    type: z.number(),
    value: z.union([z.string(), z.number(), z.boolean()]).optional(),
    focused: z.boolean().optional(),
    options: z.array(Option).optional(),
  }),
);

const Input = z.object({ custom_id: z.string(), value: z.string().optional(), values: z.array(z.string()).optional() });
const Filled = z.object({ components: z.array(Input).optional(), component: Input.optional() });
const SeenMessage = z.object({ id: ID, content: z.string().default(''), author: User.optional(), flags: z.number().default(0) });

const common = {
  id: ID,
  application_id: ID,
  token: z.string().min(1).max(1000),
  channel_id: ID,
  channel: z.object({ id: ID, type: z.number(), parent_id: ID.nullish() }).optional(),
  member: Member.optional(),
  user: User.optional(),
};

const Interaction = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.literal(2),
    data: z.object({
      name: z.string(),
      type: z.number().default(1),
      options: z.array(Option).default([]),
      target_id: ID.optional(),
      resolved: z.object({ messages: z.record(z.string(), SeenMessage).optional() }).optional(),
    }),
  }),
  z.object({ ...common, type: z.literal(3), data: z.object({ custom_id: z.string().max(100) }), message: SeenMessage }),
  z.object({ ...common, type: z.literal(4), data: z.object({ name: z.string(), options: z.array(Option).default([]) }) }),
  z.object({
    ...common,
    type: z.literal(5),
    data: z.object({ custom_id: z.string().max(100), components: z.array(Filled).default([]) }),
    message: SeenMessage.optional(),
  }),
]);
export type Interaction = z.infer<typeof Interaction>;
export type CommandInteraction = Extract<Interaction, { type: 2 }>;
export type PressInteraction = Extract<Interaction, { type: 3 }>;
export type CompleteInteraction = Extract<Interaction, { type: 4 }>;
export type FormInteraction = Extract<Interaction, { type: 5 }>;
export type { Option };

const Message = z.object({
  id: ID,
  channel_id: ID,
  guild_id: ID.optional(),
  content: z.string().default(''),
  author: User,
  member: Member.optional(),
  webhook_id: ID.optional(),
  nonce: z.union([z.string(), z.number()]).optional(),
});
export type Message = z.infer<typeof Message>;

/** Undefined for what is no interaction of a kind that is answered here. */
export const readInteraction = (payload: unknown): Interaction | undefined => Interaction.safeParse(payload).data;
export const readMessage = (payload: unknown): Message | undefined => Message.safeParse(payload).data;

const Thread = z.object({ id: ID, parent_id: ID.nullish(), type: z.number().optional() });
/** Threads an event names, with the channels they belong to. */
export function readThreads(type: string, payload: unknown): { id: string; parent: string }[] {
  const listed =
    type === 'GUILD_CREATE' || type === 'THREAD_LIST_SYNC' ? z.object({ threads: z.array(z.unknown()) }).safeParse(payload).data?.threads : [payload];
  return (listed ?? []).flatMap((one) => {
    const thread = Thread.safeParse(one).data;
    return thread?.parent_id ? [{ id: thread.id, parent: thread.parent_id }] : [];
  });
}
