import { createHash } from 'node:crypto';
import type { Document } from './documents.tsx';
import type { View } from './view.ts';

/** A document as it goes out. */
export interface Rendered {
  type: string;
  body: Uint8Array<ArrayBuffer>;
  /** In its quotes. */
  etag: string;
}

/** What was rendered of the view in force, so that a thousand readers cost one rendering. Bytes are bounded: the longest unasked goes first. */
export interface Shelf {
  take(view: View, path: string, make: () => Promise<Document | undefined>): Promise<Rendered | undefined>;
}

const ROOM = 32 * 1024 * 1024;

export function openShelf(room = ROOM): Shelf {
  let of: View | undefined;
  let kept = new Map<string, Rendered>();
  let making = new Map<string, Promise<Rendered | undefined>>();
  let bytes = 0;
  const keep = (path: string, rendered: Rendered): void => {
    kept.set(path, rendered);
    bytes += rendered.body.length;
    for (const [oldest, { body }] of kept) {
      if (bytes <= room) break;
      kept.delete(oldest);
      bytes -= body.length;
    }
  };
  return {
    async take(view, path, make) {
      if (of !== view) {
        of = view;
        kept = new Map();
        making = new Map();
        bytes = 0;
      }
      const known = kept.get(path);
      if (known) {
        kept.delete(path);
        kept.set(path, known);
        return known;
      }
      const here = making;
      const begun = here.get(path) ?? make().then((document) => document && renderedOf(document));
      here.set(path, begun);
      try {
        const rendered = await begun;
        if (rendered && of === view && !kept.has(path)) keep(path, rendered);
        return rendered;
      } finally {
        here.delete(path);
      }
    },
  };
}

function renderedOf({ type, text }: Document): Rendered {
  const body = new TextEncoder().encode(text);
  return { type, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}
