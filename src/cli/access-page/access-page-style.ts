import { pageStyle } from '../../shared/page-style.ts';

/** The stylesheet of the access page: that of all plain pages, and the table. */
export function accessPageStyle(viewers: readonly string[]): string {
  return `${pageStyle}${tableStyle}@media screen and (max-width: 45rem) {${viewers
    .map((name, index) => `td:nth-child(${index + 2})::after { content: ${cssString(name)}; }\n`)
    .join('')}}\n`;
}

/** Any text as a string of CSS, in which nothing is left that could end it. */
const cssString = (text: string): string =>
  `"${Array.from(text, (character) =>
    /^[A-Za-z0-9]$/.test(character) ? character : `\\${character.codePointAt(0)?.toString(16)} `,
  ).join('')}"`;

const tableStyle = `
:root { --allowed: hsl(150 85% 24%); --conditional: hsl(35 95% 29%); --refused: hsl(350 65% 43%); }
@media (prefers-color-scheme: dark) {
  :root { --allowed: hsl(150 55% 62%); --conditional: hsl(40 85% 64%); --refused: hsl(350 80% 74%); }
}
body { padding: clamp(1rem, 4vh, 2.5rem) clamp(.75rem, 3vw, 2.5rem) 2rem; }
main, footer { max-width: 90rem; }
[hidden] { display: none !important; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem; margin: 1rem 0; }
.counts li { padding: .15rem .6rem; background: var(--chip); border-radius: 99px; font-size: .9rem; }
.counts strong { font-weight: 600; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1.25rem 0 .75rem; }
.field { display: grid; gap: .2rem; flex: 1 1 9rem; min-width: 0; }
.field label { color: var(--quiet); font-size: .85rem; }
.field.text { flex-basis: 15rem; }
.field.access { flex-basis: 13rem; }
form [role=status] { flex-basis: 100%; margin: 0; }
input, select {
  width: 100%; font: inherit; font-size: 1rem; color: var(--text); background: var(--surface);
  border: 1px solid var(--quiet); border-radius: 8px; height: 2.4rem; padding: 0 .55rem;
}
form button { height: 2.4rem; padding: 0 .8rem; border-color: var(--quiet); border-radius: 8px; }
.scroll { overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; border-collapse: separate; border-spacing: 0; }
caption { padding: .6rem .75rem; text-align: left; color: var(--quiet); font-size: .9rem; }
th, td { padding: .45rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th {
  position: sticky; top: 0; background: var(--surface); font-size: .85rem; font-weight: 600;
  vertical-align: bottom;
}
thead span { display: block; width: max-content; max-width: 11rem; overflow-wrap: anywhere; }
thead small { display: block; font-weight: 400; color: var(--quiet); white-space: nowrap; }
tbody th { font-weight: 400; background: var(--surface); }
th:first-child { position: sticky; left: 0; z-index: 1; }
thead th:first-child { z-index: 2; }
tbody th a { color: inherit; text-decoration: none; white-space: nowrap; }
.rule { min-width: 17rem; }
tbody th a:hover { text-decoration: underline; }
tbody th a, .rule code { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; }
.rule code { padding: 0; background: none; }
.rule small { display: block; color: var(--quiet); overflow-wrap: anywhere; }
tbody tr:target > * { background: var(--chip); }
td::before { font-weight: 700; }
.allowed::before { content: '✓'; content: '✓' / ''; color: var(--allowed); }
.conditional::before { content: '?'; content: '?' / ''; color: var(--conditional); }
.refused::before { content: '✕'; content: '✕' / ''; color: var(--refused); }
td > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
td { position: relative; }
dl.legend { grid-template-columns: max-content 1fr; font-size: .9rem; }
dl.legend dt::before { font-weight: 700; margin-right: .4em; }
@media screen and (max-width: 45rem) {
  main { padding: 1rem; }
  .field { flex-basis: 7rem; } .field.access { flex-basis: 100%; }
  th:first-child { position: static; } tbody th a { white-space: normal; }
  .scroll { max-height: none; border: 0; }
  table, tbody, caption { display: block; }
  caption { padding: .25rem 0 .5rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: flex; flex-wrap: wrap; gap: .3rem .9rem; padding: .75rem 0; border-bottom: 1px solid var(--line); }
  tbody tr > * { display: block; border: 0; padding: 0; min-width: 0; max-width: 100%; overflow-wrap: anywhere; }
  tbody tr > th, tbody tr > .rule { flex: 1 1 100%; min-width: 0; }
  td::after { margin-left: .35em; font-size: .9rem; }
  td.rule::after { content: none !important; }
}
@media print {
  body { padding: 0; background: none; } main { border: 0; padding: 0; max-width: none; }
  form { display: none; } .scroll { overflow: visible; max-height: none; border: 0; }
  thead { display: table-header-group; } th, th:first-child, thead th { position: static; } tr { break-inside: avoid; }
}
`;
