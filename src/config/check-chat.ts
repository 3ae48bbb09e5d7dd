import type { ReferenceProblem } from './references.ts';
import type { Config } from './schema.ts';

type Chat = Pick<Config, 'slack' | 'discord' | 'channels'>;

/** What `slack`, `discord` and `channels` say that cannot work together. `wrongTarget` says what is wrong with a target, if anything. */
export function checkChat(config: Chat, wrongTarget: (target: string) => string | undefined): ReferenceProblem[] {
  return [...checkSlack(config.slack), ...checkGroups(config, wrongTarget), ...checkChannels(config, wrongTarget)];
}

function checkSlack(slack: Chat['slack']): ReferenceProblem[] {
  if (!slack) return [];
  const { app_token, signing_secret, http } = slack;
  if (http && app_token)
    return [{ path: ['slack', 'http'], says: '`slack` has `app_token` for Socket Mode and `http`, and is heard one way only; take one of them out' }];
  if (http && !signing_secret)
    return [
      { path: ['slack', 'http'], says: '`slack.http` needs `signing_secret` (Basic Information, App Credentials): what is not signed by Slack is not heard' },
    ];
  if (!http && !app_token)
    return [
      {
        path: ['slack'],
        says: '`slack` needs `app_token` (`xapp-…`, for Socket Mode: no port has to be open), or `http` and `signing_secret`; `npx holdfast manifest slack` says how they are come by',
      },
    ];
  return [];
}

function checkGroups(config: Chat, wrongTarget: (target: string) => string | undefined): ReferenceProblem[] {
  return (['slack', 'discord'] as const).flatMap((platform) =>
    Object.entries(config[platform]?.groups ?? {}).flatMap(([id, roles]) =>
      roles.flatMap(({ scope }): ReferenceProblem[] => {
        const says = scope === undefined ? undefined : wrongTarget(scope);
        return says ? [{ path: [platform, 'groups', id], says: `\`${platform}.groups.${id}\` ${says}` }] : [];
      }),
    ),
  );
}

function checkChannels(config: Chat, wrongTarget: (target: string) => string | undefined): ReferenceProblem[] {
  const problems: ReferenceProblem[] = [];
  const bound = new Map<string, string>();
  const home = new Map<string, string>();
  for (const [name, entry] of Object.entries(config.channels)) {
    const here = `\`channels.${name}\``;
    for (const platform of ['slack', 'discord'] as const) {
      const id = entry[platform];
      if (id === undefined) continue;
      const path = ['channels', name, platform];
      if (!config[platform]) problems.push({ path, says: `${here} names a channel of ${platform}, and there is no \`${platform}\` section` });
      const other = bound.get(`${platform} ${id}`);
      if (other) problems.push({ path, says: `${here} is the same channel of ${platform} as \`channels.${other}\`; join the two` });
      else bound.set(`${platform} ${id}`, name);
      if (!entry.news?.includes('incident')) continue;
      const first = home.get(platform);
      if (first)
        problems.push({
          path: ['channels', name, 'news'],
          says: `${here} has news of \`incident\` as \`channels.${first}\` has; there is one home channel on ${platform}`,
        });
      else home.set(platform, name);
    }
    if (entry.incident_channels !== undefined && !entry.news?.includes('incident'))
      problems.push({
        path: ['channels', name, 'incident_channels'],
        says: `${here} has no news of \`incident\`, beside which they would stand: \`news: [incident]\``,
      });
    const says = entry.targets === undefined ? undefined : wrongTarget(entry.targets);
    if (says) problems.push({ path: ['channels', name, 'targets'], says: `\`channels.${name}.targets\` ${says}` });
  }
  return problems;
}
