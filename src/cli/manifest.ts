import { makesChannels } from '../chat/bindings.ts';
import { askDiscord } from '../chat/discord/ask.ts';
import { invitation } from '../chat/discord/invitation.ts';
import { manifestYaml, slackManifest } from '../chat/slack/manifest.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Refusal } from '../lib/refusal.ts';
import { commands } from '../main.ts';
import type { Invocation } from './invocation.ts';

/** Prints how Slack or Discord is told of Holdfast: an app's manifest, or an invitation; each permission with its reason. */
export async function run(call: Invocation): Promise<number> {
  const [platform, application] = call.words;
  const config = call.configFile === undefined ? undefined : (await loadConfig(call.configFile, { env: call.env, home: call.home })).config;
  if (platform === 'slack') slack(call, config);
  else if (platform === 'discord') await discord(config, application);
  else throw new Refusal('Of which platform? holdfast manifest slack, or holdfast manifest discord');
  return 0;
}

/** The manifest alone on stdout, so that it can be kept in a file; what to do with it beside it. */
function slack({ options }: Invocation, config: Config | undefined): void {
  if (config?.slack?.http && options.url === undefined)
    throw new Refusal('slack.http is in holdfast.yaml: say how Slack reaches it from outside, --url https://holdfast.example.org/slack/events');
  if (options.url !== undefined && !/^https:\/\/\S+$/.test(options.url))
    throw new Refusal(`--url ${options.url} is no address that Slack calls: https://…/slack/events`);
  const made = slackManifest(
    commands.filter(({ sandboxOnly }) => !sandboxOnly),
    { name: config?.name ?? 'Holdfast', channels: config !== undefined && makesChannels(config), ...(options.url !== undefined && { url: options.url }) },
  );
  process.stdout.write(options.json ? `${JSON.stringify(made.manifest, null, 2)}\n` : manifestYaml(made));
  const { length: widest } = made.reasons.reduce((longest, { what }) => (what.length > longest.length ? what : longest), '');
  // Comments tell it in YAML; JSON has none.
  if (options.json) process.stderr.write(`Why each is asked for:\n${made.reasons.map(({ what, why }) => `  ${what.padEnd(widest)}  ${why}\n`).join('')}`);
  process.stderr.write(
    options.url === undefined
      ? '\nPaste it at https://api.slack.com/apps: Create New App, From a manifest; then Install to Workspace.\nslack.bot_token   OAuth & Permissions, Bot User OAuth Token (xoxb-…)\nslack.app_token   Basic Information, App-Level Tokens, Generate, with connections:write (xapp-…)\n'
      : '\nPaste it at https://api.slack.com/apps: Create New App, From a manifest; then Install to Workspace.\nslack.bot_token        OAuth & Permissions, Bot User OAuth Token (xoxb-…)\nslack.signing_secret   Basic Information, App Credentials\n',
  );
}

async function discord(config: Config | undefined, typed: string | undefined): Promise<void> {
  const known = typed ?? (config?.discord && (await askDiscord<{ id: string }>(config.discord, '/applications/@me')).id);
  if (known !== undefined && !/^\d{17,20}$/.test(known))
    throw new Refusal(`"${known}" is no application id: 17 to 20 digits, General Information in the Developer Portal`);
  if (known === undefined) {
    process.stdout.write(
      'At https://discord.com/developers/applications: New Application, then Bot, Reset Token: that is discord.token.\nNo privileged intent is needed. Then: holdfast manifest discord APPLICATION_ID, or with --config once the token is in it.\n',
    );
    return;
  }
  const { url, reasons } = invitation(known, { server: config?.discord?.server, channels: config !== undefined && makesChannels(config) });
  process.stdout.write(`${url}\n`);
  const { length: widest } = reasons.reduce((longest, { what }) => (what.length > longest.length ? what : longest), '');
  process.stderr.write(
    `\nOpen it as somebody who may manage the server. It asks for:\n${reasons.map(({ what, why }) => `  ${what.padEnd(widest)}  ${why}\n`).join('')}`,
  );
}
