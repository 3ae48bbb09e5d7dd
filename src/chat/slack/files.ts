import type { Log } from '../../ops.ts';
import type { Calls } from './calls.ts';
import { fenced, harmless } from './escape.ts';
import { failed } from './failures.ts';

/** Characters of a file that are posted instead of it where it cannot be uploaded. */
const INSTEAD = 3500;

/**
 * Puts a file below a message, by the three steps that Slack asks for. The message stands already, so nothing here throws: what
 * cannot be uploaded is posted as far as it fits, and said.
 */
export async function attach(calls: Calls, log: Log, to: { channel: string; thread?: string }, file: { name: string; text: string }): Promise<void> {
  const thread = to.thread === undefined ? {} : { thread_ts: to.thread };
  try {
    const content = Buffer.from(file.text, 'utf8');
    const { upload_url: url, file_id: id } = await calls.call((web) => web.files.getUploadURLExternal({ filename: file.name, length: content.length }));
    if (!url || !id) throw new Error('Slack named no place for the file');
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: content,
      redirect: 'error',
      signal: AbortSignal.timeout(calls.timeout),
    });
    if (!answer.ok) throw new Error(`the upload was answered with HTTP ${answer.status}`);
    await calls.call((web) => web.files.completeUploadExternal({ files: [{ id, title: file.name }], channel_id: to.channel, ...thread }));
  } catch (error) {
    const { says } = failed(error);
    log.warn({ err: error, says }, 'a file could not be attached in Slack');
    const begin = harmless(file.text)
      .slice(0, INSTEAD)
      .replace(/&[a-z]{0,3}$/, '');
    const text = `${harmless(file.name)} could not be attached (${harmless(says).slice(0, 200)}); this is how it begins.\n${fenced(begin)}`;
    await calls
      .call((web) => web.chat.postMessage({ channel: to.channel, text, unfurl_links: false, unfurl_media: false, parse: 'none', ...thread }))
      .catch(() => {});
  }
}
