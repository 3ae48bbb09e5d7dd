import type { FakeClock } from './clock.ts';

/** Trigger ids and response URLs: what comes with an interaction, and until when it is good. */
export interface Triggers {
  trigger(): string;
  /** Undefined when it may open a view; else the error Slack gives. Good once, within 3 s. */
  exchange(id: string): string | undefined;
  responseUrl(of: { user: string; channel: string; thread?: string; message?: string }): string;
  /** One use of it: five within 30 minutes. */
  use(token: string): { user: string; channel: string; thread?: string; message?: string } | undefined;
}

export const THREE_SECONDS = 3000;
const RESPONSE_USES = 5;
const RESPONSE_LIFE = 30 * 60_000;

export function openTriggers(clock: FakeClock, base: () => string, id: (prefix: string) => string): Triggers {
  const triggers = new Map<string, { at: number; used: boolean }>();
  const urls = new Map<string, { at: number; uses: number; of: { user: string; channel: string; thread?: string; message?: string } }>();
  return {
    trigger() {
      const made = `${id('1')}.${id('2')}.fake`;
      triggers.set(made, { at: clock.now(), used: false });
      return made;
    },
    exchange(given) {
      const found = triggers.get(given);
      if (!found) return 'invalid_trigger_id';
      if (found.used) return 'exchanged_trigger_id';
      if (clock.now() - found.at > THREE_SECONDS) return 'expired_trigger_id';
      found.used = true;
      return undefined;
    },
    responseUrl(of) {
      const token = id('R');
      urls.set(token, { at: clock.now(), uses: 0, of });
      return `${base()}/response/${token}`;
    },
    use(token) {
      const found = urls.get(token);
      if (!found || found.uses >= RESPONSE_USES || clock.now() - found.at > RESPONSE_LIFE) return undefined;
      found.uses += 1;
      return found.of;
    },
  };
}
