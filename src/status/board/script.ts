/**
 * What runs in the browser: each section that changed takes the place of the one before it. Without it the page is one that is loaded again.
 * A connection that was lost is made again by the browser; one that was refused (a session that ended, too many that look) by loading the page.
 */
export const BOARD_SCRIPT = `'use strict';
(() => {
  const main = document.querySelector('main');
  const live = document.getElementById('live');
  const say = (text) => { if (live.textContent !== text) live.textContent = text; };
  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, 'text/html').body;
    for (const section of fresh.querySelectorAll(':scope > section')) {
      const known = document.getElementById(section.id);
      if (!known) main.append(section);
      else if (known.outerHTML !== section.outerHTML) known.replaceWith(section);
    }
  };
  let again;
  const open = () => {
    const source = new EventSource(main.dataset.events + '?seen=' + encodeURIComponent(main.dataset.seen));
    source.addEventListener('open', () => say('● live'));
    source.addEventListener('board', (event) => { main.dataset.seen = event.lastEventId; show(event.data); });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return say('○ the connection was lost; it is made again');
      say('○ not live; the page is loaded again in a moment');
      clearTimeout(again);
      again = setTimeout(() => location.reload(), 15000);
    });
    addEventListener('pagehide', () => source.close(), { once: true });
  };
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  open();
})();
`;
