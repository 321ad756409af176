import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/server/configuration/configuration-error.ts';
import { readEnvironment } from '../../../src/server/configuration/environment-file.ts';
import { withoutPrivilege } from '../../support/without-privilege.ts';

const directory = mkdtempSync(join(tmpdir(), 'environment-file-'));
const file = join(directory, '.env');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(content: string | Uint8Array, environment: Record<string, string | undefined> = {}) {
  writeFileSync(file, content);
  return readEnvironment({ environment, file });
}

function problemsOf(content: string | Uint8Array): readonly string[] {
  try {
    read(content);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ message }) => message.replace(file, '.env'));
  }
}

describe('lines', () => {
  const cases: readonly [string, string, Record<string, string>][] = [
    ['plain', 'PORT=4000\nHOST=localhost\n', { PORT: '4000', HOST: 'localhost' }],
    ['blank lines and comments', '\n  \n# PORT=1\n  # x\nPORT=4000', { PORT: '4000' }],
    ['line ends of other systems', 'A=1\r\nB=2\rC=3', { A: '1', B: '2', C: '3' }],
    ['a byte order mark', '\ufeffA=1', { A: '1' }],
    ['white space around', '  A = 1  ', { A: '1' }],
    ['export, as in a shell', 'export A=1\nexport   B=2', { A: '1', B: '2' }],
    ['a comment that holds a variable', 'A=1 # B=2\n#C=3', { A: '1' }],
    ['comment behind a value', 'A=1 # one\nB="2" # two "2"\nC=# nothing', { A: '1', B: '2' }],
    ['quotes of each kind', "A=\"a b\"\nB='a#b'\nC=`it's`", { A: 'a b', B: 'a#b', C: "it's" }],
    ['quotes inside', "A=it's\nB=don't", { A: "it's", B: "don't" }],
    [
      'equals signs inside',
      'A=a=b==\nC=https://x.test/?a=b',
      { A: 'a=b==', C: 'https://x.test/?a=b' },
    ],
    ['the last of several counts', 'A=1\nA=2', { A: '2' }],
    ['an empty value is not set', 'A=\nB=""\nC=1', { C: '1' }],
    ['names that objects have', 'constructor=1\nB=2', { constructor: '1', B: '2' }],
    ['an empty file', '', {}],
  ];
  test.each(cases)('%s', (_name, content, expected) => {
    expect(read(content)).toEqual(expected);
  });
});

describe('the environment', () => {
  test('wins over the file', () => {
    expect(read('A=file\nB=file', { A: 'real', C: 'real' })).toEqual({
      A: 'real',
      B: 'file',
      C: 'real',
    });
  });
  test('does not win with an empty or missing value', () => {
    expect(read('A=file\nB=file', { A: '', B: undefined, C: '' })).toEqual({
      A: 'file',
      B: 'file',
    });
  });
  test('is enough without a file', () => {
    const missing = join(directory, 'missing');
    expect(readEnvironment({ environment: { A: '1' }, file: missing })).toEqual({ A: '1' });
  });
});

describe('problems', () => {
  const notVariable = 'is not NAME=value: fix it, or comment it out with #';
  const openQuote = 'has a quote that does not end the value: close it on this line';
  const comment = 'has a # in its value, which would start a comment: put the value in quotes';
  const cases: readonly [string, string | Uint8Array, readonly string[]][] = [
    ['a line of text', 'A=1\nhello s3cret\nB=2', [`.env line 2 ${notVariable}`]],
    [
      'every line',
      'hello\n\n=1\nA B=1\n1A=1\nA-B=1',
      [1, 3, 4, 5, 6].map((line) => `.env line ${line} ${notVariable}`),
    ],
    ['lines of Windows are counted once', 'A=1\r\nhello', [`.env line 2 ${notVariable}`]],
    ['a quote too many', `A='it's'`, [`.env line 1 ${openQuote}`]],
    ['an open quote', 'A="1\nB=2', [`.env line 1 ${openQuote}`]],
    ['a lone quote', 'A="', [`.env line 1 ${openQuote}`]],
    [
      'a value over two lines',
      'A="1\n2"',
      [`.env line 1 ${openQuote}`, `.env line 2 ${notVariable}`],
    ],
    ['text behind a quote', 'A="1" 2', [`.env line 1 ${openQuote}`]],
    ['a comment that would cut a secret', 'A=se#cret', [`.env line 1 ${comment}`]],
    [
      'bytes that are not UTF-8',
      new Uint8Array([0x41, 0x3d, 0xff]),
      ['.env is not UTF-8 text: save it in that encoding'],
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffA=1', 'utf16le'),
      ['.env is not UTF-8 text: save it in that encoding'],
    ],
    ['UTF-16 without a mark', Buffer.from('A=1', 'utf16le'), [`.env line 1 ${notVariable}`]],
  ];
  test.each(cases)('%s', (_name, content, expected) => {
    expect(problemsOf(content)).toEqual(expected);
  });

  test('a directory', () => {
    expect(() => readEnvironment({ environment: {}, file: directory })).toThrowError(
      new ConfigurationError([
        {
          variable: directory,
          message: `${directory} is a directory: replace it with a file of NAME=value lines, or remove it`,
        },
      ]),
    );
  });

  test('no permission', async () => {
    const locked = join(directory, 'locked');
    writeFileSync(locked, 'A=1');
    chmodSync(locked, 0);
    chmodSync(directory, 0o755);
    await withoutPrivilege(() => {
      expect(() => readEnvironment({ environment: {}, file: locked })).toThrowError(
        'is not readable by this user',
      );
    });
  });

  test('a path through a file', () => {
    writeFileSync(file, '');
    expect(() => readEnvironment({ environment: {}, file: join(file, 'x') })).toThrowError(
      'cannot be read (ENOTDIR): fix it or remove it',
    );
  });
});

test('any value in quotes is read as it stands', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !text.includes("'"));
  fc.assert(
    fc.property(value, (text) => {
      expect(read(`A='${text}'\nB=1`)).toEqual({ A: text, B: '1' });
    }),
  );
});

test('any text without quotes and # is read without the white space around it, or refused', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[^"'`#\n\r]+$/), (text) => {
      fc.pre(text.trim() !== '');
      try {
        expect(read(`A=${text}\nB=1`)).toEqual({ A: text.trim(), B: '1' });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
  );
});

test('any file gives variables or a ConfigurationError', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
  );
});
