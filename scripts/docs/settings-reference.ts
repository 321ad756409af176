/** Renders the settings for docs/configuration.md and .env.example. */
import type { Setting } from '../../src/server/configuration/setting.ts';
import { settings } from '../../src/server/configuration/settings.ts';

const rows: readonly (readonly [string, Setting<unknown>])[] = Object.entries(settings);

export function renderSettingsTable(): string {
  const lines = rows.map(
    ([name, row]) => `| \`${name}\` | ${row.description} | ${renderDefault(row)} |`,
  );
  return ['| Setting | Meaning | Default |', '|---|---|---|', ...lines].join('\n');
}

/** A default value is code; a description of one, such as "the local issuer", is text. */
function renderDefault({ default: text, fallback }: Setting<unknown>): string {
  const isValue = String(fallback) === text || /^\w+:\/\//.test(text);
  if (isValue || Number(text) === fallback) return `\`${text}\``;
  return text.replace(/\b[A-Z]+(?:_[A-Z]+)+\b/g, '`$&`');
}

export function renderEnvironmentExample(): string {
  const head = [
    '# Settings. Copy this file to .env and uncomment what you want to change.',
    '# Environment variables override the file; an empty variable counts as unset.',
  ];
  const blocks = rows.map(([name, row]) => [
    '',
    `# ${row.description}`,
    `# Default: ${row.default}`,
    `#${name}=${row.example}`,
  ]);
  return [...head, ...blocks.flat(), ''].join('\n');
}
