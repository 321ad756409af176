/** Whether a case holds for a server. */
export type Cell =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'exempt'; readonly reason: string };

/** A Markdown table of cases and servers, with a footnote for each reason why a cell cannot hold. */
export function formatMatrix(columns: ReadonlyMap<string, ReadonlyMap<string, Cell>>): string {
  const servers = [...columns.keys()];
  const cases = [...new Set([...columns.values()].flatMap((cells) => [...cells.keys()]))];
  const reasons: string[] = [];
  const textOf = (cell: Cell | undefined): string => {
    if (cell?.kind !== 'exempt') return cell?.kind ?? '';
    if (!reasons.includes(cell.reason)) reasons.push(cell.reason);
    return `no (${reasons.indexOf(cell.reason) + 1})`;
  };
  const rows = cases.map((name) => [
    name,
    ...servers.map((server) => textOf(columns.get(server)?.get(name))),
  ]);
  const lines = [['Case', ...servers], ['---', ...servers.map(() => '---')], ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n');
  return notes === '' ? `${table}\n` : `${table}\n\n${notes}\n`;
}
