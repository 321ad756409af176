import { expect, test } from 'vitest';
import {
  describeOutcome,
  findRemedy,
  reasonOf,
  type Selection,
  shortRule,
} from '../../../src/server/graphiql/browser/access/describe-verdict.ts';
import { isStillThere, lineNotes } from '../../../src/server/graphiql/browser/access/line-notes.ts';
import {
  nextVerdicts,
  readAuthorization,
} from '../../../src/server/graphiql/browser/access/verdicts.ts';

const scoped = '@auth(scope: "admin:write")';

function selection({
  at = [[1, 1]],
  ...changes
}: Partial<Selection> & { readonly at?: readonly (readonly [number, number])[] } = {}): Selection {
  return {
    path: ['admin'],
    coordinate: 'Query.admin',
    verdict: 'allowed',
    message: 'Allowed.',
    rule: scoped,
    from: ['Query.admin'],
    locations: at.map(([line, column]) => ({ line, column })),
    ...changes,
  };
}

test.each([
  ['public', 'public'],
  ['@auth', 'sign-in'],
  ['@auth(scope: "admin:write")', 'admin:write'],
  ['@auth(scope: "a b")', 'a b'],
  ['@auth(scope: ["a", "b"])', 'scope: ["a", "b"]'],
  ['@auth(policy: "owner")', 'policy: "owner"'],
  ['@auth and @auth(scope: "a")', '@auth and @auth(scope: "a")'],
  [`@auth(scope: "${'a'.repeat(60)}")`, `${'a'.repeat(48)}…`],
])('the rule %s is shown as %s', (rule, expected) => {
  expect(shortRule(rule)).toBe(expected);
});

test.each<[string, Partial<Selection>, readonly string[]]>([
  ['allowed', {}, ['✓ admin:write']],
  ['public', { rule: 'public' }, []],
  ['refused', { verdict: 'refused' }, ['✕ admin:write']],
  ['below a refusal', { verdict: 'not reached', rule: 'public' }, ['not reached']],
  [
    'conditional',
    { verdict: 'conditional', rule: '@auth(policy: "owner")' },
    ['? policy: "owner"'],
  ],
])('a selection that is %s', (_case, changes, expected) => {
  expect(lineNotes([selection(changes)]).map(({ text }) => text)).toEqual(expected);
});

test('a rule that is not shown leaves what is missing, or the verdict', () => {
  const { rule: _, ...hidden } = selection({ verdict: 'refused' });
  const unmet = { kind: 'scope', scope: 'a' } as const;

  expect(lineNotes([hidden]).map(({ text }) => text)).toEqual(['✕ refused']);
  expect(lineNotes([{ ...hidden, unmet }]).map(({ text }) => text)).toEqual(['✕ a']);
});

test('a fragment has one note for all places: a refusal first', () => {
  const at = [[5, 3]] as const;
  const notes = lineNotes([
    selection({ path: ['one', 'admin'], verdict: 'not reached', at }),
    selection({ path: ['two', 'admin'], verdict: 'allowed', at }),
    selection({ path: ['three', 'admin'], verdict: 'refused', at }),
  ]);

  expect(notes).toMatchObject([{ line: 5, column: 3, name: 'admin', verdict: 'refused' }]);
});

test('merged selections have one note each', () => {
  const notes = lineNotes([
    selection({
      at: [
        [2, 3],
        [8, 3],
      ],
    }),
  ]);

  expect(notes.map(({ line }) => line)).toEqual([2, 8]);
});

test('several on a line have their names, without what is not reached, and are counted', () => {
  const line = ['a', 'b', 'c', 'd', 'e'].map((name, index) =>
    selection({ path: [name], at: [[1, index * 2 + 1]], verdict: 'refused' }),
  );
  const below = selection({ path: ['a', 'x'], verdict: 'not reached', at: [[1, 30]] });

  expect(lineNotes([...line, below]).map(({ text }) => text)).toEqual([
    'a ✕ admin:write',
    'b ✕ admin:write',
    'c ✕ admin:write  +2',
  ]);
});

test('what the server says is shown as text, not as Markdown', () => {
  const message = 'Not *this*: [link](https://evil.test) <img>.';
  const [note] = lineNotes([
    selection({ verdict: 'refused', message, rule: '@auth(claims: "`")' }),
  ]);

  expect(note?.details).toContain('Not \\*this\\*: \\[link\\](https://evil.test) \\<img\\>.');
  expect(note?.details).toContain('`@auth(claims: "\'")` from `Query.admin`');
});

test.each<[string, string, number, boolean]>([
  ['the same line', '  admin {', 3, true],
  ['indented', '    admin {', 5, true],
  ['with an argument', '  admin(x: 1) {', 3, true],
  ['another field', '  admins {', 3, false],
  ['a shorter one', '  ad {', 3, false],
  ['a longer one', '  _admin {', 4, false],
  ['removed', '  {', 3, false],
])('a note on %s', (_case, text, column, expected) => {
  const [note] = lineNotes([selection()]);
  if (!note) throw new Error('There is no note.');

  expect(isStillThere(text, note, column)).toBe(expected);
});

test('a server that does not say is no fault of the document', () => {
  const failed = { kind: 'failed', message: 'No.' } as const;

  expect(nextVerdicts(before, before, failed)).toMatchObject({ problem: failed });
});

const operation = { operationName: null };
const before = {
  query: '{ admin }',
  viewer: 'manager',
  said: { ...operation, selections: [selection()], outcome: 'allowed' as const },
};
const syntax = { kind: 'syntax', message: 'Expected Name.' } as const;
const invalid = {
  kind: 'said',
  said: { ...operation, selections: [], problem: syntax },
} as const;

test('while a document does not parse, the last verdicts stay, with the reason', () => {
  const next = nextVerdicts(before, { query: '{ admin ', viewer: 'manager' }, invalid);

  expect(next).toEqual({ ...before, problem: { kind: 'invalid', message: 'Expected Name.' } });
  expect(nextVerdicts(next, { query: '{ admin', viewer: 'manager' }, invalid)).toEqual(next);
});

test.each<[string, Parameters<typeof nextVerdicts>]>([
  ['another viewer', [before, { query: '{ admin ', viewer: 'guest' }, invalid]],
  ['another document', [undefined, { query: '{ admin ', viewer: 'manager' }, invalid]],
  [
    'a server that does not say',
    [before, { query: '{ admin }', viewer: 'manager' }, { kind: 'failed', message: 'No.' }],
  ],
])('they do not stay for %s', (_case, parameters) => {
  expect(nextVerdicts(...parameters).said.selections).toEqual([]);
});

test('a problem of variables takes no verdicts away', () => {
  const problem = { kind: 'variables', message: 'The variable $a is missing.' } as const;
  const said = { ...before.said, problem };

  expect(nextVerdicts(before, before, { kind: 'said', said })).toEqual({ ...before, said });
});

test.each<[string, object, string | undefined]>([
  ['none', {}, undefined],
  ['one, in any case', { AUTHORIZATION: 'Bearer x' }, 'Bearer x'],
  ['what is not text', { Authorization: 1 }, undefined],
])('the Authorization header of the Headers tab: %s', (_case, headers, expected) => {
  expect(readAuthorization({ ...headers })).toBe(expected);
});

test.each<[string, Selection['unmet'], string | undefined, object | undefined]>([
  ['anonymous', { kind: 'authentication' }, undefined, { label: 'Sign in', request: {} }],
  [
    'anonymous, with a scope',
    { kind: 'authentication', scope: 'a' },
    'a',
    { label: 'Sign in with a', request: { scopes: ['a'] } },
  ],
  [
    'two scopes',
    { kind: 'scope', scope: 'a b' },
    'a b',
    { label: 'Sign in with a b', request: { scopes: ['a', 'b'] } },
  ],
  [
    'a step-up',
    { kind: 'step-up', acr: ['mfa'], maxAge: 60 },
    undefined,
    { label: 'Sign in again', request: { acr: ['mfa'], maxAge: 60 } },
  ],
  ['a claim', { kind: 'claims', claims: ['c'] }, undefined, undefined],
])('the sign-in that helps: %s', (_case, unmet, missingScope, expected) => {
  const refused = selection({ verdict: 'refused', ...(unmet ? { unmet } : {}) });
  const said = { ...operation, selections: [refused], ...(missingScope ? { missingScope } : {}) };

  expect(findRemedy(said)).toEqual(expected);
});

test.each<[Partial<Selection>, string | undefined]>([
  [{}, undefined],
  [{ verdict: 'not reached' }, undefined],
  [{ verdict: 'refused', unmet: { kind: 'scope', scope: 'a' } }, 'Missing scope: a'],
  [{ verdict: 'refused', unmet: { kind: 'claims', claims: ['a', 'b'] } }, 'Missing claim: a, b'],
  [{ verdict: 'refused', unmet: { kind: 'authentication' } }, 'Sign in to read this.'],
  [{ verdict: 'conditional', message: 'Allowed, if it is.' }, 'Allowed, if it is.'],
])('the reason of a verdict %#', (changes, expected) => {
  expect(reasonOf(selection(changes))).toBe(expected);
});

test.each([
  ['allowed', 'You get all of it.'],
  ['partial', 'You get part of it.'],
  ['refused', 'You get none of it.'],
] as const)('the outcome %s', (outcome, expected) => {
  expect(describeOutcome({ ...operation, selections: [], outcome })).toBe(expected);
});
