import { findNearestWord } from '../../shared/edit-distance.ts';
import { accept, type Parser, refuse } from './setting-parser.ts';
import { alternatives, show } from './setting-text.ts';

/** What people write for `on` and `off` elsewhere. */
const switchWords: Readonly<Record<string, string>> = {
  true: 'on',
  yes: 'on',
  enabled: 'on',
  enable: 'on',
  '1': 'on',
  false: 'off',
  no: 'off',
  none: 'off',
  disabled: 'off',
  disable: 'off',
  '0': 'off',
};

/**
 * One of a closed set of words, exactly as written. Nothing is guessed in silence: a word that is
 * nearly right could switch on what its author meant to switch off.
 */
export function oneOf<Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (text) => {
    const exact = words.find((word) => word === text);
    if (exact !== undefined) return accept(exact);
    const meant = guess(text.trim().toLowerCase(), words);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    return refuse(`${show(text)} must be ${alternatives(words)}${question}`);
  };
}

function guess(text: string, words: readonly string[]): string | undefined {
  const isAbbreviated = (word: string) =>
    text.length >= 3 && (word.startsWith(text) || text.startsWith(word));
  return (
    words.find((word) => word === text || word === switchWords[text]) ??
    words.find(isAbbreviated) ??
    findNearestWord(text, words, Math.min(2, Math.floor(text.length / 2)))
  );
}
