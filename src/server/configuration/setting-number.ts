import { accept, type Parser, refuse } from './setting-parser.ts';
import { show } from './setting-text.ts';

/** A whole number in plain digits: no sign, exponent, radix, separator or leading zero. */
export function wholeNumber(range: {
  readonly from: number;
  readonly to: number;
  readonly of?: string;
}): Parser<number> {
  const noun = range.of === undefined ? 'a whole number' : `a whole number of ${range.of}`;
  return (text) => {
    const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
    return value >= range.from && value <= range.to
      ? accept(value)
      : refuse(`${show(text)} must be ${noun} from ${range.from} to ${range.to}, in plain digits`);
  };
}
