import { accept, type Parser, refuse } from './setting-parser.ts';
import { show } from './setting-text.ts';

/**
 * A comma-separated list; white space around an entry does not count. An empty or repeated entry is
 * a fault, because it is what is left of an entry that somebody meant to be there.
 */
export function listOf<Entry>(parse: Parser<Entry>): Parser<readonly Entry[]> {
  return (text) => {
    const entries = text.split(',').map((entry) => entry.trim());
    const repeated = entries.filter((entry, index) => entries.indexOf(entry) < index);
    const faults: string[] = [];
    const values: Entry[] = [];
    if (entries.includes('')) faults.push('has an empty entry: remove the comma that is too many');
    for (const entry of new Set(repeated)) {
      if (entry !== '') faults.push(`names ${show(entry)} more than once: keep one`);
    }
    for (const entry of new Set(entries)) {
      if (entry === '') continue;
      const parsed = parse(entry);
      if (parsed.kind === 'value') values.push(parsed.value);
      else faults.push(...parsed.faults);
    }
    return faults.length === 0 ? accept(values) : refuse(...faults);
  };
}
