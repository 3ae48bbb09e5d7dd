// Holdfast on a Discord that other people wrote: its commands are there, a typed one is answered once, a button is heard.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { ChannelType } from 'discord-api-types/v10';
import { DigitalDiscord } from 'discord-digital-twin';
import { start, until } from './holdfast.mjs';

const discord = new DigitalDiscord({ channels: [{ name: 'ops', type: ChannelType.GuildText }], users: [{ username: 'ada' }] });
await discord.start();
// It takes commands and does not list them; what it does not know is answered here from what it holds.
const listing = createServer(async (request, response) => {
  const asked = /^\/api\/v10(\/applications\/\d+(?:\/guilds\/(\d+))?\/commands)$/.exec(request.url ?? '');
  if (request.method === 'GET' && asked) {
    const rows = await discord.prisma.applicationCommand.findMany({ where: { guildId: asked[2] ?? null } });
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify(rows.map(({ options, ...row }) => ({ ...row, options: JSON.parse(options) }))));
  }
  const body = [];
  for await (const part of request) body.push(part);
  const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers;
  const answer = await fetch(`http://127.0.0.1:${discord.port}${request.url}`, {
    method: request.method,
    headers,
    ...(body.length > 0 && { body: Buffer.concat(body) }),
  });
  response.writeHead(
    answer.status,
    Object.fromEntries([...answer.headers].filter(([name]) => !/^(content-length|content-encoding|transfer-encoding|connection)$/.test(name))),
  );
  response.end(Buffer.from(await answer.arrayBuffer()));
});
await new Promise((resolve) => listing.listen(0, '127.0.0.1', resolve));
const user = await discord.getFirstNonBotUserId();
const [channel] = await discord.prisma.channel.findMany();
const stop = start({
  name: 'cross-check',
  people: { ada: { role: 'admin', discord: user } },
  hosts: { web01: { address: '127.0.0.1', port: 9 } },
  // It is no host: nobody looks whether it answers.
  down: { watch: false },
  discord: { token: discord.botToken, server: discord.guildId, api_url: `http://127.0.0.1:${listing.address().port}/api` },
  channels: { ops: { discord: channel.id } },
});
try {
  const registered = await until('the commands are registered', async () => {
    const rows = await discord.prisma.applicationCommand.findMany({ where: { guildId: discord.guildId } });
    return rows.length >= 4 ? rows : undefined;
  });
  assert.deepEqual(registered.map(({ name, type }) => `${type} ${name}`).sort(), ['1 incident', '1 oncall', '1 ops', '3 Add to timeline']);

  const said = async () => (await discord.channel(channel.id).getMessages()).filter(({ author }) => author.id === discord.botUserId);
  const typed = await discord
    .channel(channel.id)
    .user(user)
    .runSlashCommand({ name: 'ops', commandId: registered.find(({ name }) => name === 'ops').id, options: [{ name: 'status', type: 1, options: [] }] });
  const ack = await discord.channel(channel.id).waitForInteractionAck({ interactionId: typed.id, timeout: 20_000 });
  assert.equal(ack.acknowledged, true);
  const answers = await until('the answer is shown', async () => {
    const messages = (await said()).filter((one) => JSON.stringify(one).includes('none asked yet'));
    return messages.length > 0 ? messages : undefined;
  });
  assert.equal(answers.length, 1, 'it is shown once');
  const [answer] = answers;
  assert.match(JSON.stringify(answer), /1 host, none asked yet/);
  console.log('discord-digital-twin: registered, typed, answered once');
} finally {
  await stop();
  listing.closeAllConnections();
  listing.close();
  await discord.stop();
}
