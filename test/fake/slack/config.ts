import type { FakeSlack } from './open.ts';

/** The section of holdfast.yaml that speaks to a stand-in; `http`: the port for signed HTTP instead of Socket Mode. The hosts beside it are none: nobody looks whether they answer. */
export const slackSection = (slack: FakeSlack, http?: number): string =>
  `slack: { bot_token: ${slack.botToken}, ${http === undefined ? `app_token: ${slack.appToken}` : `signing_secret: ${slack.signingSecret}, http: { port: ${http} }`}, api_url: ${slack.apiUrl} }\ndown: { watch: false }\n`;
