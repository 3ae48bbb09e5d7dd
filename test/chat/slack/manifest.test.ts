import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../../commands/index.ts';
import { manifestYaml, scopesFor, slackManifest } from '../../../src/chat/slack/manifest.ts';
import { packageRoot } from '../../../src/root.ts';

const folder = process.env.HOLDFAST_SPECS ?? resolve(packageRoot, '../shared/specs');
const socket = slackManifest(commands, { name: 'A Holdfast with a name longer than Slack takes' });
const http = slackManifest(commands, { name: 'holdfast', url: 'https://holdfast.example.org/slack/events' });

describe('the manifest for Slack', () => {
  test.skipIf(!existsSync(join(folder, 'slack-manifest.schema.2.0.0.json'))).each(['1.0.0', '2.0.0'])(
    'is what the vendor’s schema %s accepts (skipped where the schema is not on this machine)',
    (version) => {
      const file = join(folder, `slack-manifest.schema.${version}.json`);
      const validate = new Ajv({ strict: false, validateFormats: false, logger: false }).compile(JSON.parse(readFileSync(file, 'utf8')));
      for (const { manifest } of [socket, http]) {
        validate(manifest);
        expect(validate.errors).toBeNull();
      }
      validate({ ...socket.manifest, display_information: {} });
      expect(validate.errors).not.toBeNull();
    },
  );

  test('says the same as YAML, with a reason beside every scope and every event', () => {
    const yaml = manifestYaml(socket);
    expect(parse(yaml)).toEqual(socket.manifest);
    for (const { what, why } of socket.reasons) expect(yaml).toContain(`- "${what}" # ${why}`);
  });

  test('asks for nothing twice, for no user token, and for nothing that posts where nobody invited it', () => {
    const scopes: string[] = scopesFor(true).map(({ scope }) => scope);
    expect(new Set(scopes).size).toBe(scopes.length);
    expect(scopes).not.toContain('chat:write.public');
    expect(socket.manifest).not.toHaveProperty('oauth_config.scopes.user');
  });

  test('is for Socket Mode without an address, and for signed HTTP with one on every way in', () => {
    expect(socket.manifest).toMatchObject({ settings: { socket_mode_enabled: true } });
    expect(JSON.stringify(socket.manifest)).not.toContain('http');
    expect(http.manifest).toMatchObject({
      settings: {
        socket_mode_enabled: false,
        event_subscriptions: { request_url: 'https://holdfast.example.org/slack/events' },
        interactivity: { request_url: 'https://holdfast.example.org/slack/events' },
      },
    });
    expect(JSON.stringify(http.manifest).match(/https:\/\/holdfast\.example\.org\/slack\/events/g)).toHaveLength(5);
  });
});
