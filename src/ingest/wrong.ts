import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What a client did that cannot be served, and what it can do about it. Every answer that is no 2xx has this form, or an error id of ours. */
export class Wrong extends Error {
  override name = 'Wrong';
  readonly status: ContentfulStatusCode;
  readonly why: string | undefined;
  readonly remedy: string | undefined;
  /** Further keys of the answer. */
  readonly more: Record<string, unknown>;

  constructor(status: ContentfulStatusCode, what: string, said: { why?: string; do?: string; more?: Record<string, unknown> } = {}) {
    super(what);
    this.status = status;
    this.why = said.why;
    this.remedy = said.do;
    this.more = said.more ?? {};
  }

  json(): Record<string, unknown> {
    return { what: this.message, ...(this.why !== undefined && { why: this.why }), ...(this.remedy !== undefined && { do: this.remedy }), ...this.more };
  }
}
