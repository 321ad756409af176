// Writes what the docs take from the sources: the API reference and the settings.
// With --check, writes nothing, and fails if a file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderApiReference } from './docs/api-reference.ts';
import { renderEnvironmentExample, renderSettingsTable } from './docs/settings-reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(`${root}${name}`, 'utf8');

/** Replaces what stands between two comments, `<!-- name -->` and `<!-- /name -->`. */
function replaceBetween(text: string, name: string, content: string): string {
  const parts = text.split(new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- /${name} -->)`));
  if (parts.length !== 2) throw new Error(`There must be one pair of <!-- ${name} --> comments.`);
  return parts.join(`\n${content}\n\n`);
}

const generated: Readonly<Record<string, string>> = {
  '.env.example': renderEnvironmentExample(),
  'docs/configuration.md': replaceBetween(
    read('docs/configuration.md'),
    'settings',
    renderSettingsTable(),
  ),
  'docs/reference.md': renderApiReference(),
};

const isCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(generated)) {
  if (isCheck && read(name) !== text) {
    console.error(`${name} is out of date. Run npm run docs.`);
    process.exitCode = 1;
  }
  if (!isCheck) writeFileSync(`${root}${name}`, text);
}
