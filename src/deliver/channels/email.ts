import nodemailer from 'nodemailer';
import type { Smtp } from '../../config/providers.ts';
import type { Config } from '../../config/schema.ts';
import type { Channel, Delivery, PageMessage } from '../channel.ts';
import { textOf } from '../text.ts';
import { escaped, firstLine } from './fit.ts';

const SUBJECT = 150;
/** Servers allow few connections of one sender at once. */
const AT_ONCE = 10;

/**
 * E-mail over SMTP, one connection a message: a server that hangs in one holds up no other. The Message-ID is the key of the attempt, so
 * that a second one of the same is the same message to whoever reads it; all of a page are one thread.
 */
export function emailChannel(config: () => Pick<Config, 'providers' | 'name'>, timeout: number): Channel {
  return {
    name: 'email',
    timeout,
    atOnce: AT_ONCE,
    reaches: ({ email }) => email !== undefined && config().providers.smtp !== undefined,
    async send(person, message): Promise<Delivery> {
      const { providers, name } = config();
      const { smtp } = providers;
      if (!smtp || person.email === undefined) return { sent: false, why: 'no', says: 'there is no SMTP server in the configuration' };
      const transport = transportTo(smtp, timeout);
      try {
        const { response, messageId, rejected } = await transport.sendMail(mailOf(smtp.from, name, person.email, message));
        if (rejected.length > 0) return { sent: false, why: 'no', says: `smtp: ${response}` };
        return { sent: true, id: messageId };
      } catch (error) {
        return saidNo(error as SmtpError);
      } finally {
        transport.close();
      }
    },
  };
}

/** A connection as configured; nothing of a message is ever read from a file or a URL. */
export function transportTo({ host, port, tls, user, password }: Smtp, timeout: number) {
  return nodemailer.createTransport({
    host,
    port: port ?? (tls === 'implicit' ? 465 : 587),
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== undefined && password && { auth: { user, pass: password.reveal() } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
  });
}

function mailOf(from: string, name: string, to: string, { key, page, text, card, urgency, link }: PageMessage) {
  const at = `${name.replace(/[^A-Za-z0-9-]+/g, '-')}.${from.split('@')[1]}`;
  const body = textOf({ card });
  const button = link === undefined ? '' : `<p><a href="${escaped(link)}">Answer: opens a page with a button</a></p>`;
  return {
    from: { name: `Holdfast ${name}`, address: from },
    // An address object: no text can become a second recipient.
    to: { name: '', address: to },
    subject: firstLine(text, SUBJECT),
    messageId: `<${key}@${at}>`,
    references: [`<${page}@${at}>`],
    headers: { 'auto-submitted': 'auto-generated', ...(urgency !== 'low' && { importance: 'high', 'x-priority': '1' }) },
    text: link === undefined ? body : `${body}\n\nAnswer (opens a page with a button): ${link}`,
    html: `<pre style="font: inherit; white-space: pre-wrap">${escaped(body)}</pre>${button}`,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

interface SmtpError extends Error {
  code?: string;
  command?: string;
  responseCode?: number;
  timeoutType?: string;
}

/** Codes and waits before the message itself was handed over. */
const BEFORE = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EREQUIRETLS', 'ECONFIG', 'EENVELOPE']);
const NOT_YET = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

/** 5xx will not have it, 4xx not now; a connection that broke or fell silent once commands were spoken may have taken it. */
function saidNo({ code = '', command, responseCode, timeoutType = '', message }: SmtpError): Delivery {
  const says = `smtp: ${firstLine(message, 300)}`;
  if (responseCode !== undefined && responseCode >= 500) return { sent: false, why: 'no', says };
  if (responseCode !== undefined && responseCode >= 400) return { sent: false, why: 'later', says };
  const taken = !(BEFORE.has(code) || NOT_YET.has(timeoutType) || command === 'CONN');
  return { sent: false, why: taken ? 'unsure' : 'later', says };
}
