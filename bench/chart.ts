import type { MeasuredScenario, RunReport } from './run.ts';

/** The scenarios of the chart: one guarded field, read with a Bearer token. */
const charted: Readonly<Record<string, string>> = {
  guarded: 'graphql-resource-server',
  'use-auth': 'Yoga + useAuth (this project)',
  mercurius: 'Mercurius (JIT) + mercurius-auth + fast-jwt',
  flask: 'Flask + Authlib (no GraphQL)',
  apollo: 'Apollo Server + express-oauth2-jwt-bearer',
  'yoga-generic-auth': 'Yoga + plugin-jwt + generic-auth',
};

const [width, labelWidth, valueWidth, rowHeight, top] = [760, 330, 80, 34, 56];

/** The requests per second of CPU time as an SVG, light and dark. */
export function drawChart({ measured, date, node }: RunReport): string {
  const rows = measured
    .filter(({ name }) => name in charted)
    .map((row) => ({ ...row, perCpuSecond: 1e6 / row.cpuMicroseconds }))
    .sort((one, other) => other.perCpuSecond - one.perCpuSecond);
  const most = Math.max(...rows.map(({ perCpuSecond }) => perCpuSecond));
  const height = top + rows.length * rowHeight + 12;
  const title = 'Requests for one guarded field, per second of CPU time';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
  <style>
    text { font: 14px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 15px; font-weight: 600 }
    .note { font-size: 12px; fill: #59636e }
    .bar { fill: #8c959f }
    .own { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .note { fill: #9198a1 }
      .bar { fill: #656c76 }
      .own { fill: #4493f8 }
    }
  </style>
  <text class="title" x="0" y="18">${title}</text>
  <text class="note" x="0" y="38">With a verified access token. More is better. ${date}, Node ${node}.</text>
${rows.map((row, index) => drawRow(row, top + index * rowHeight, row.perCpuSecond / most)).join('\n')}
</svg>
`;
}

function drawRow(
  { name, perCpuSecond }: MeasuredScenario & { readonly perCpuSecond: number },
  y: number,
  share: number,
): string {
  const barWidth = Math.max(1, share * (width - labelWidth - valueWidth));
  const isOwn = name === 'guarded' || name === 'use-auth';
  const value = Math.round(perCpuSecond).toLocaleString('en-US');
  return `  <text x="${labelWidth - 10}" y="${y + 19}" text-anchor="end">${charted[name]}</text>
  <rect class="${isOwn ? 'bar own' : 'bar'}" x="${labelWidth}" y="${y + 3}" width="${barWidth.toFixed(1)}" height="24" rx="3"/>
  <text x="${(labelWidth + barWidth + 8).toFixed(1)}" y="${y + 20}">${value}</text>`;
}
