import type { FakeDiscord } from './open.ts';

/** The section of holdfast.yaml that speaks to a stand-in. The hosts beside it are none: nobody looks whether they answer. */
export const discordSection = (discord: FakeDiscord): string =>
  `discord: { token: ${discord.token}, server: "${discord.server}", api_url: ${discord.url} }\ndown: { watch: false }\n`;
