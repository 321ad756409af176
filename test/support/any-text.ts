import fc from 'fast-check';

const surrogates = 0x800;

/**
 * Any string of Unicode code points. `fc.string({ unit: 'binary' })` makes the same ones, and takes
 * two seconds to begin.
 */
export const anyText = fc
  .array(fc.nat(0x10ffff - surrogates))
  .map((numbers) =>
    String.fromCodePoint(
      ...numbers.map((number) => (number < 0xd800 ? number : number + surrogates)),
    ),
  );
