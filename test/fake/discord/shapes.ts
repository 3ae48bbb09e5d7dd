/** What the stand-in keeps, in Discord's own words: only what somebody can see or what the program is told. */
export interface User {
  id: string;
  username: string;
  /** Role ids on the server. */
  roles: string[];
  /** Shut to direct messages from the bot: 50007. */
  closed: boolean;
}

export interface Channel {
  id: string;
  /** 0 text, 1 direct, 11 public thread. */
  type: number;
  name: string;
  parent_id?: string;
  topic?: string;
  overwrites?: { id: string; type: number; allow: string; deny: string }[];
  /** Of a direct channel. */
  with?: string;
  /** The bot may not post here: `access` 50001, `permission` 50013. */
  shut?: 'access' | 'permission';
  /** It may post here, and neither pin nor begin threads nor make channels. */
  bare?: boolean;
}

export interface Embed {
  title?: string;
  description?: string;
  fields?: { name: string; value: string; inline?: boolean }[];
  footer?: { text: string };
  author?: { name: string };
  color?: number;
}

export interface Component {
  type: number;
  custom_id?: string;
  label?: string;
  style?: number;
  value?: string;
  disabled?: boolean;
  placeholder?: string;
  required?: boolean;
  max_length?: number;
  options?: { label: string; value: string }[];
  components?: Component[];
  component?: Component;
}

/** A message as it stands on a screen now. */
export interface Message {
  id: string;
  channel_id: string;
  author: string;
  content: string;
  embeds: Embed[];
  components: Component[];
  attachments: { id: string; filename: string; text: string }[];
  flags: number;
  /** Seen by them alone. */
  ephemeralFor?: string;
  /** "… is thinking": answered with type 5, nothing came yet. */
  thinking: boolean;
  pinned?: boolean;
  /** User ids, role ids, `everyone`: whose devices rang. */
  pinged: string[];
  edits: number;
  made: number;
  /** The interaction it answers. */
  of?: string;
}

/** What the app answered to an interaction; `failed` is what the person reads after 3 s without an answer. */
export type Ack =
  | { type: 4 | 5 | 6 | 7; ephemeral: boolean; within: number }
  | { type: 8; choices: { name: string; value: unknown }[]; within: number }
  | { type: 9; modal: { custom_id: string; title: string; components: Component[] }; within: number };

export interface Interaction {
  id: string;
  token: string;
  kind: number;
  user: string;
  channel: string;
  /** The message whose button was pressed. */
  message?: string;
  sent: number;
  ack?: Ack;
  original?: string;
  payload: Record<string, unknown>;
}

export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
