import type { View } from './view.ts';

/**
 * Addresses within the page, relative to the one that is read: they hold behind any proxy, under any path, and in files opened from a disk, where
 * pages have an ending.
 */
export interface Links {
  home: string;
  history: string;
  month(month: string): string;
  story(code: string): string;
  /** `history.rss`, `api/v2/summary.json` */
  file(name: string): string;
}

/** From outside: in feeds, JSON and calendars. */
export const storyAddress = ({ page }: Pick<View, 'page'>, code: string): string => `${page.url}/incidents/${code}${page.ending ?? ''}`;

/** `depth`: how many folders deep the page lies that is read. */
export function linksFrom(depth: number, where: 'served' | 'files'): Links {
  const up = '../'.repeat(depth);
  const ending = where === 'files' ? '.html' : '';
  return {
    home: where === 'files' ? `${up}index.html` : up || './',
    history: `${up}history${ending}`,
    month: (month) => `${up}history/${month}${ending}`,
    story: (code) => `${up}incidents/${code}${ending}`,
    file: (name) => up + name,
  };
}
