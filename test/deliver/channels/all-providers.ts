import { type Config, ConfigSchema } from '../../../src/config/schema.ts';
import { secret } from '../../../src/config/secret.ts';
import { emailChannel } from '../../../src/deliver/channels/email.ts';
import { ntfyChannel } from '../../../src/deliver/channels/ntfy.ts';
import { smsChannel } from '../../../src/deliver/channels/sms.ts';
import { voiceChannel } from '../../../src/deliver/channels/voice.ts';
import { webhookChannel } from '../../../src/deliver/channels/webhook.ts';
import { fakeNtfy } from '../../fake/ntfy.ts';
import { fakeSmtp } from '../../fake/smtp.ts';
import { fakeTwilio } from '../../fake/twilio.ts';
import { fakeWebhook } from '../../fake/webhook.ts';
import { person } from '../some-pages.ts';

export const SECRET = 'shared-with-a-program-of-hers';

/** Every provider as a stand-in, ada who has all of them, and the channels to her. `more` goes over the configuration of the providers. */
export async function allProviders(more: { twilio?: object; ntfy?: object; smtp?: object } = {}, timeout = 5_000) {
  const [smtp, ntfy, twilio, webhook] = await Promise.all([fakeSmtp(), fakeNtfy({ token: 'tk_1' }), fakeTwilio(), fakeWebhook(SECRET)]);
  const config: Config = ConfigSchema.parse({
    name: 'north',
    providers: {
      smtp: { ...smtp.config, ...more.smtp },
      ntfy: { url: ntfy.url, token: 'tk_1', ...more.ntfy },
      twilio: { ...twilio.config, ...more.twilio },
      webhook: { secret: SECRET },
    },
  });
  const providers = () => config.providers;
  const ada = person('ada', { email: 'ada@example.org', phone: '+441632960001', ntfy: secret('ada-topic'), webhook: secret(webhook.url) });
  const channels = {
    ntfy: ntfyChannel(providers, timeout),
    email: emailChannel(() => config, timeout),
    sms: smsChannel(providers, timeout),
    voice: voiceChannel(providers, timeout),
    webhook: webhookChannel(providers, timeout),
  };
  return { smtp, ntfy, twilio, webhook, config, ada, channels };
}
