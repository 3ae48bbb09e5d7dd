import type { ComponentStatus, Impact } from '../words.ts';

/** The class that gives a state its colour; the state itself always stands beside it in words. */
export const toneOf = (state: ComponentStatus | Impact): string => TONES[state];

const TONES: Record<ComponentStatus | Impact, string> = {
  operational: 'good',
  none: 'good',
  under_maintenance: 'busy',
  maintenance: 'busy',
  degraded_performance: 'attention',
  minor: 'attention',
  partial_outage: 'worse',
  major: 'worse',
  major_outage: 'bad',
  critical: 'bad',
};

/** Text with the line ends it was written with, and its addresses to follow. Every part is escaped by the page. */
export function Lines({ text }: { text: string }) {
  return (
    <p class="said" dir="auto">
      {text.split(ADDRESS).map((part, n) => (n % 2 === 1 ? <Address url={part} /> : part))}
    </p>
  );
}

const ADDRESS = /(https?:\/\/[^\s<>"'`()]{1,1000}[^\s<>"'`().,;:!?])/;

const Address = ({ url }: { url: string }) =>
  URL.canParse(url) ? (
    <a href={new URL(url).href} rel="noopener noreferrer nofollow">
      {url}
    </a>
  ) : (
    <span>{url}</span>
  );
