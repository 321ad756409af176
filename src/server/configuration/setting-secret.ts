import { accept, type Parser, refuse } from './setting-parser.ts';

const shortest = 32;

/** A secret that is made, not thought of. Its fault repeats nothing of it. */
export const madeSecret: Parser<string> = (text) =>
  text.length >= shortest && /^[\x21-\x7e]+$/.test(text)
    ? accept(text)
    : refuse(
        `must be at least ${shortest} plain characters that nobody can guess, such as the output of openssl rand -hex 32`,
      );
