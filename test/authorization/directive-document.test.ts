import { readFileSync } from 'node:fs';
import { Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type Viewer, viewerId } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { notDelegated } from '../../src/authorization/rules/policies.ts';
import { namesakes } from '../support/namesakes.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';
import { policies as ownPolicies } from '../support/rules-document-policies.ts';

/* Runs every example of docs/directive.md. */

const policies = { ...ownPolicies, notDelegated };

const page = readFileSync(new URL('../../docs/directive.md', import.meta.url), 'utf8');

interface Block {
  readonly language: string;
  readonly text: string;
  readonly heading: string;
  readonly line: number;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  for (const match of markdown.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, title, language, text] = match;
    if (title !== undefined) heading = title;
    if (language === undefined || text === undefined) continue;
    const line = markdown.slice(0, match.index).split('\n').length;
    blocks.push({ language, text, heading, line });
  }
  return blocks;
}

interface Asked {
  readonly viewer: Viewer;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Example extends Asked {
  readonly heading: string;
  readonly schema: string;
  readonly operation: string;
  readonly result: unknown;
  readonly line: number;
}

const blocks = blocksOf(page);
const examples: Example[] = [];
const problems: { readonly schema: string; readonly message: string; readonly line: number }[] = [];
const code: Block[] = [];
const definitions: string[] = [];

{
  let schema = '';
  let operation = '';
  let asked: Asked | undefined;
  for (const { language, text, heading, line } of blocks) {
    if (language === 'graphql') {
      const kinds = parse(text).definitions.map((definition) => definition.kind);
      if (kinds.includes(Kind.OPERATION_DEFINITION)) operation = text;
      else if (kinds.includes(Kind.DIRECTIVE_DEFINITION)) definitions.push(text);
      else schema = text;
    } else if (language === 'text') {
      problems.push({ schema, message: text.trim(), line });
    } else if (language === 'ts') {
      code.push({ language, text, heading, line });
    } else if (language === 'json') {
      const value = record(JSON.parse(text));
      if ('viewer' in value) asked = readAsked(value);
      else if (asked) examples.push({ ...asked, heading, schema, operation, result: value, line });
    }
  }
}

describe('docs/directive.md', () => {
  test('has examples of everything', () => {
    expect(examples.length).toBeGreaterThan(10);
    expect(problems.length).toBeGreaterThan(1);
    for (const argument of ['scope', 'claims', 'policy', 'acr', 'maxAge']) {
      expect(examples.some(({ schema }) => schema.includes(`${argument}:`))).toBe(true);
    }
  });

  test.each(examples)('$heading, line $line', async (example) => {
    const api = new RulesApi(example.schema, {
      policies,
      resolvers: namesakes(example.schema, policies),
    });
    const response = await api.post(
      { query: example.operation, variables: example.variables },
      example.viewer,
    );
    const body = record(await response.json());
    const found = Array.isArray(body['errors']) ? body['errors'] : [];
    const errors = found.map((error: unknown) => {
      const { locations, ...rest } = record(error);
      expect(locations).toBeDefined();
      return rest;
    });
    expect({
      status: response.status,
      body: { ...body, ...(errors.length > 0 ? { errors } : {}) },
    }).toEqual(example.result);
  });

  test.each(problems)('the problems on line $line', ({ schema, message }) => {
    let told = '';
    try {
      // The messages of this option name it.
      const wantsAll = message.includes('requireRuleOn: all-fields');
      new RulesApi(schema, { policies, ...(wantsAll ? { requireRuleOn: 'all-fields' } : {}) });
    } catch (error) {
      told = error instanceof Error ? error.message : '';
    }
    expect(told).toBe(message);
  });

  test('the policies are code that is checked, and run above', () => {
    const read = (name: string): string =>
      readFileSync(new URL(`../support/rules-document-${name}.ts`, import.meta.url), 'utf8');
    expect(code.map(({ text }) => text)).toEqual(
      [read('hierarchy'), read('policies'), read('shadow')].map((text) =>
        text.replace(/'\.\.\/\.\.\/src\/.*'/, `'graphql-resource-server'`),
      ),
    );
  });

  test('the definitions are those that are enforced', () => {
    const shown = parse(definitions.join('\n'), { noLocation: true }).definitions;
    expect(shown.map((one) => JSON.stringify(one, withoutDescriptions))).toEqual(
      parse(authDirectives, { noLocation: true }).definitions.map((one) =>
        JSON.stringify(one, withoutDescriptions),
      ),
    );
  });
});

function readAsked({ viewer, variables }: Readonly<Record<string, unknown>>): Asked {
  const sent = variables === undefined ? {} : record(variables);
  if (viewer === 'anonymous') return { viewer: anonymousViewer, variables: sent };
  const { scopes, claims, subject } = record(viewer);
  const scope = Array.isArray(scopes) ? scopes.join(' ') : '';
  const known = createViewer(scope, claims === undefined ? {} : record(claims));
  return {
    viewer:
      typeof subject === 'string'
        ? { ...known, subject, id: viewerId({ issuer: known.issuer, subject }) }
        : known,
    variables: sent,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error('No object.');
  return Object.fromEntries(Object.entries(value));
}

function withoutDescriptions(key: string, value: unknown): unknown {
  return key === 'description' ? undefined : value;
}
