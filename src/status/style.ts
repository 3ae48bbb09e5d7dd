/**
 * What every page for a browser looks like: the colours (both themes, each pair at least 4.5:1), type and width. A room's own style goes after it.
 * Nothing is loaded from elsewhere; colour is never the only sign.
 */
export const BASE_STYLE = `
:root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1c2024;--soft:#565f6b;--line:#d5dae0;--good:#0b6b3a;--bad:#b3261e;--attention:#8a4b00;--busy:#0b5cad;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1d2126;--ink:#e6e9ed;--soft:#a9b3be;--line:#363d46;--good:#5fd08f;--bad:#ff8f86;--attention:#ffb454;--busy:#7db7ff;--link:#8cc0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
h1{font-size:1.4rem;line-height:1.25;margin:0}
h2{font-size:1.1rem;margin:0 0 .5rem}
h3{font-size:1rem;margin:0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
:focus-visible{outline:3px solid var(--busy);outline-offset:2px}
.soft{color:var(--soft)}
.good{color:var(--good)}
.bad{color:var(--bad)}
.attention{color:var(--attention)}
.busy{color:var(--busy)}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999}}
`;
