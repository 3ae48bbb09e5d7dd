import { BASE_STYLE } from '../style.ts';

/** One column on a phone, two beside each other where there is room. */
export const BOARD_STYLE = `${BASE_STYLE}
header,main,footer{max-width:84rem;margin:0 auto;padding:.75rem 1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}
header p{margin:0}
main{padding-top:0;columns:2 28rem;column-gap:1.5rem}
#now,#incidents{column-span:all}
section{margin:0 0 1.25rem}
section p{margin:.2rem 0}
article{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem;margin:0 0 .6rem;break-inside:avoid}
h2{break-after:avoid}
.grid{font:1.05rem/1.3 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere;word-break:break-all;margin:.35rem 0}
.lines{list-style:none;margin:0;padding:0}
.lines li{padding:.2rem 0;border-top:1px solid var(--line)}
.loud{border:2px solid;border-radius:.4rem;padding:.5rem .75rem;font-weight:600}
form{margin:0}
button{font:inherit;padding:.5rem .9rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--ink);cursor:pointer}
.ask{columns:auto;max-width:34rem;margin:0 auto;padding:2rem 1rem}
.ask button{width:100%;padding:1rem;margin-top:1rem;font-weight:600}
footer{color:var(--soft);display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center}
`;
