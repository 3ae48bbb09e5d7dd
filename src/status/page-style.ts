import { BASE_STYLE } from './style.ts';

/** `style.css` of the page for the public: on a phone, on paper, by day and by night. */
export const PAGE_STYLE = `${BASE_STYLE}
:root{--worse:#a33a00}
@media(prefers-color-scheme:dark){:root{--worse:#ff9a5c}}
.worse{color:var(--worse)}
header,main,footer{max-width:52rem;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;justify-content:space-between;padding-top:1.25rem}
.name{font-size:1.25rem;font-weight:700;margin:0}
.name a{color:inherit;text-decoration:none}
nav a{display:inline-block;padding:.5rem .5rem .5rem 0}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem}
section{margin:2rem 0}
.banner{background:var(--card);border-left:.5rem solid;padding:1rem;margin:1rem 0;font-size:1.3rem}
.note{background:var(--card);border:1px solid var(--attention);padding:.75rem 1rem}
.story{background:var(--card);padding:1rem;margin:0 0 1rem}
.story p{margin:.35rem 0}
.story h2{margin:0}
.updates{list-style:none;padding:0;margin:1rem 0 0}
.updates li{border-top:1px solid var(--line);padding:.6rem 0}
.updates h2,.updates h4{margin:0;font-size:1rem}
.said{white-space:pre-wrap}
.plain,.components{list-style:none;padding:0;margin:0}
.plain li{padding:.25rem 0}
.components li{padding:.75rem 0;border-top:1px solid var(--line)}
.components p{margin:0}
.component{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem}
.group{margin:1.25rem 0 .25rem}
.bars{display:block;width:100%;height:1.75rem;margin:.4rem 0 0}
.bars rect{fill:currentColor}
.scale{display:flex;justify-content:space-between;font-size:.85rem}
details{margin:.25rem 0}
summary{cursor:pointer;padding:.25rem 0}
.months{display:flex;justify-content:space-between;margin:1.5rem 0}
.outages td,.outages th{padding-right:1rem}
.postmortem pre{white-space:pre-wrap}
footer{margin-top:3rem;padding-bottom:2rem;color:var(--soft);font-size:.9rem;border-top:1px solid var(--line)}
@media(max-width:40rem){
.outages thead{position:absolute;left:-99rem}
.outages tr{display:block;border-top:1px solid var(--line);padding:.5rem 0}
.outages th,.outages td{display:block;border:0;padding:.1rem 0}
.outages td::before{content:attr(data-name) ": ";color:var(--soft)}
}
@media print{header nav,footer,.skip,.months{display:none}.story,.banner{background:none;border:1px solid #999;break-inside:avoid}details>*{display:block}a{color:inherit}}
`;

/** `icon.svg`: a disc in the colour of how it is. */
export const iconOf = (tone: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${COLOURS[tone] ?? '#565f6b'}"/></svg>\n`;

const COLOURS: Record<string, string> = { good: '#1a8f4f', busy: '#2f7fd0', attention: '#d98200', worse: '#d9541e', bad: '#d0342c' };
