import { createHash } from 'node:crypto';
import type { AccessRule } from '../../authorization/review/access-rules.ts';
import { formatRule } from '../../authorization/review/format-rule.ts';
import { accessOf, type ViewerAccess } from '../../authorization/review/viewer-access.ts';
import { escapeHtml } from '../../shared/page.ts';
import type { NamedViewer, SelectedViewers } from '../access-viewers.ts';
import { accessPageScript } from './access-page-script.ts';
import { accessPageStyle } from './access-page-style.ts';
import { type RuleKind, ruleKinds, ruleKindsOf } from './rule-kinds.ts';

/**
 * Renders who can read what as one HTML file that requests nothing: a table of coordinates and viewers, with
 * what is public first. A script in it filters and sorts the rows.
 *
 * @param rules In alphabetical order.
 */
export function renderAccessPage(
  rules: readonly AccessRule[],
  { shown: viewers, hidden }: SelectedViewers,
): string {
  const names = viewers.map(({ name }) => name);
  const style = accessPageStyle(names);
  const rows = publicFirst(rules).map((rule) => toRow(rule, viewers));
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(accessPageScript)}'`,
    'img-src data:',
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who can read what</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>Who can read what</h1>
<p class="quiet">The rule of every field, and of every argument, input field and enum value that has one.</p>
${renderCounts(rows)}
${renderForm(names, rows)}
<div class="scroll" role="region" aria-label="Access by viewer" tabindex="0">
<table role="table">
<caption>Schema coordinates, the viewers that meet their rule, and the rule. What is public comes first.</caption>
<thead role="rowgroup">
<tr role="row">${renderHead(names, rows)}</tr>
</thead>
<tbody role="rowgroup">
${rows.map(renderRow).join('\n')}
</tbody>
</table>
</div>
<dl class="legend">
<dt class="allowed">allowed</dt><dd>The viewer meets the rule.</dd>
<dt class="conditional">conditional</dt><dd>A policy, the claims or the sign-in of the viewer decide.</dd>
<dt class="refused">refused</dt><dd>The viewer does not meet the rule.</dd>
</dl>
${hidden > 0 ? `<p class="quiet">${hidden} more sets of scopes are not shown.</p>` : ''}
</main>
<footer>A public field can be read from its parent object; that says nothing about access to that object.</footer>
<script>${accessPageScript}</script>
</body>
</html>
`;
}

interface Row {
  readonly rule: AccessRule;
  readonly kinds: readonly RuleKind[];
  readonly accesses: readonly ViewerAccess[];
}

function toRow(rule: AccessRule, viewers: readonly NamedViewer[]): Row {
  return {
    rule,
    kinds: ruleKindsOf(rule),
    accesses: viewers.map(({ viewer }) => accessOf(rule, viewer)),
  };
}

/** Then what any token is sufficient for, then the rest. */
function publicFirst(rules: readonly AccessRule[]): readonly AccessRule[] {
  const rank = (rule: AccessRule): number =>
    rule.access === 'public' ? 0 : ruleKindsOf(rule).includes('signed in') ? 1 : 2;
  return [...rules].sort((one, other) => rank(one) - rank(other));
}

function renderCounts(rows: readonly Row[]): string {
  const counts = ruleKinds.flatMap((kind) => {
    const count = rows.filter(({ kinds }) => kinds.includes(kind)).length;
    return count === 0 ? [] : [`<li><strong>${count}</strong> ${kind}</li>`];
  });
  return `<ul class="counts"><li><strong>${rows.length}</strong> coordinates</li>${counts.join('')}</ul>`;
}

function renderForm(names: readonly string[], rows: readonly Row[]): string {
  const option = (value: string, text: string): string =>
    `<option value="${escapeHtml(value)}">${escapeHtml(text)}</option>`;
  const occurring = ruleKinds.filter((kind) => rows.some(({ kinds }) => kinds.includes(kind)));
  const select = (name: string, label: string, options: readonly string[], more = ''): string =>
    field(
      name,
      label,
      `<select id="filter-${name}" name="${name}"${more}>${options.join('')}</select>`,
    );
  return `<form hidden>
${field('text', 'Coordinate or rule', '<input id="filter-text" type="search" name="text" autocomplete="off" spellcheck="false">')}
${select('kind', 'Rule', [option('', 'any'), ...occurring.map((kind) => option(kind, kind))])}
${select('viewer', 'Viewer', [option('', 'any'), ...names.map((name, index) => option(String(index), name))])}
${select('access', 'Access of this viewer', [option('some', 'allowed or conditional'), ...accesses.map((one) => option(one, one))], ' disabled')}
${select('order', 'Order', [option('public', 'public first'), option('coordinate', 'by coordinate')])}
<button type="reset">Show all</button>
<p class="quiet" role="status"></p>
</form>`;
}

const accesses: readonly ViewerAccess[] = ['allowed', 'conditional', 'refused'];

const field = (name: string, label: string, control: string): string =>
  `<div class="field ${name}"><label for="filter-${name}">${label}</label>${control}</div>`;

function renderHead(names: readonly string[], rows: readonly Row[]): string {
  const viewers = names.map((name, index) => {
    const count = rows.filter(({ accesses }) => accesses[index] === 'allowed').length;
    return `<th role="columnheader" scope="col"><span>${escapeHtml(name)}</span> <small>${count} allowed</small></th>`;
  });
  return [
    '<th role="columnheader" scope="col">Coordinate</th>',
    ...viewers,
    '<th role="columnheader" scope="col">Rule</th>',
  ].join('');
}

function renderRow({ rule, kinds, accesses }: Row): string {
  const { coordinate, from, shadow } = rule;
  const id = escapeHtml(coordinate);
  const origin = from.filter((one) => one !== coordinate);
  const cells = accesses.map(
    (access) => `<td role="cell" class="${access}"><span>${access}</span></td>`,
  );
  const notes = [
    ...(origin.length > 0 ? [`from ${origin.join(', ')}`] : []),
    ...(shadow ? [`in shadow: ${formatRule(shadow)}`] : []),
  ];
  return [
    `<tr role="row" id="${id}" data-kinds="${escapeHtml(kinds.join(' '))}">`,
    `<th role="rowheader" scope="row"><a href="#${escapeHtml(encodeURIComponent(coordinate))}">${id}</a></th>`,
    ...cells,
    `<td role="cell" class="rule"><code>${escapeHtml(formatRule(rule))}</code>`,
    ...notes.map((note) => `<small>${escapeHtml(note)}</small>`),
    '</td></tr>',
  ].join('');
}

const hashOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;
