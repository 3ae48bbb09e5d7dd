import { text } from './fields.ts';

/** What somebody follows who does not know the service. */
export interface Runbook {
  /** As the configuration says it. */
  written: string;
  /** Where it is a link. */
  link?: string;
  /** Absolute, where it is a file. */
  path?: string;
  /** What stands in the file, read when the configuration was; empty for a link. */
  markdown: string;
}

/** A Markdown file beside the configuration, or a link. The file is read by read-runbooks.ts. */
export const runbook = () =>
  text()
    .transform((written): Runbook => ({ written, markdown: '' }))
    .describe('A Markdown file, relative to this one, or a link');
