/** The stylesheet of all plain pages; light and dark follow the system. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: hsl(219 40% 96.5%); --surface: #fff; --line: hsl(219 25% 86%);
  --text: hsl(219 32% 18%); --quiet: hsl(219 16% 40%); --chip: hsl(219 38% 94.5%);
  --accent: hsl(320 90% 38%); --hover: hsl(320 60% 98%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: hsl(219 29% 11%); --surface: hsl(219 29% 15.5%); --line: hsl(219 20% 28%);
    --text: hsl(219 30% 92%); --quiet: hsl(219 16% 69%); --chip: hsl(219 24% 22%);
    --accent: hsl(322 90% 74%); --hover: hsl(219 26% 19%);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: clamp(1rem, 8vh, 6rem) 1rem 2rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
}
main {
  max-width: 31rem; margin: 0 auto; padding: clamp(1.25rem, 5vw, 2.25rem);
  background: var(--surface); border: 1px solid var(--line); border-radius: 14px;
}
h1 { margin: 0 0 .35rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
p { margin: 0 0 .75rem; }
.quiet, footer { color: var(--quiet); font-size: .9rem; }
footer { max-width: 31rem; margin: 1rem auto 0; text-align: center; }
code {
  display: inline-block; max-width: 100%; padding: 0 .4em; background: var(--chip); border-radius: 5px; overflow-wrap: anywhere;
  font: .84em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
}
ul { margin: 1.25rem 0; padding: 0; list-style: none; display: grid; gap: .6rem; }
a { color: var(--accent); }
button {
  font: inherit; color: inherit; background: transparent; cursor: pointer;
  border: 1px solid var(--line); border-radius: 10px; padding: .6rem 1rem;
}
button:hover { border-color: var(--accent); background: var(--hover); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button.user {
  display: grid; grid-template-columns: 1fr auto; gap: .15rem 1rem; align-items: center;
  width: 100%; padding: .85rem 1rem; text-align: left;
}
button.user strong { font-weight: 600; }
button.user .scopes { grid-column: 1; display: grid; gap: .3rem; color: var(--quiet); font-size: .9rem; }
button.user .arrow { grid-row: 1 / span 2; grid-column: 2; color: var(--accent); font-size: 1.2rem; }
button.suggested { border-color: var(--accent); }
button.plain { border-color: transparent; color: var(--quiet); text-decoration: underline; }
form > button.plain { margin: -.25rem 0 -.5rem -1rem; font-size: .9rem; }
.back { margin: 1.25rem 0 0; }
details { color: var(--quiet); font-size: .9rem; } details code { margin-right: .3rem; }
form > .quiet { margin-bottom: 0; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1.25rem; }
dl { margin: 1rem 0 0; display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
@media (forced-colors: active) { form > button.plain { margin: .75rem 0 0; } }
`;
