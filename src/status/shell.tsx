import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';

/**
 * The frame of every page for a browser. Styles and scripts are files of the same listener, so that the content security policy allows nothing
 * that stands in the page; everything given as a child or an attribute is escaped.
 */
export function Shell(given: {
  title: string;
  style: string;
  script?: string;
  icon?: string;
  head?: Child;
  children: Child;
  lang?: string;
  robots?: 'noindex';
}) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={given.lang ?? 'en'}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          {given.robots && <meta name="robots" content={given.robots} />}
          <title>{given.title}</title>
          {/* None, where there is none: without this line browsers ask for one. */}
          <link rel="icon" href={given.icon ?? 'data:,'} />
          <link rel="stylesheet" href={given.style} />
          {given.head}
          {given.script && <script src={given.script} defer />}
        </head>
        <body>{given.children}</body>
      </html>
    </>
  );
}

/** What a page may load and do: files of its own listener, and nothing else. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
