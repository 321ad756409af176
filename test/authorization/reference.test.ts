import { normalizedExecutor } from '@graphql-tools/executor';
import fc from 'fast-check';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  getVariableValues,
  parse,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { Execution } from '../../src/authorization/enforcement/execution.ts';
import { createClientVariables } from '../../src/authorization/operation/client-variables.ts';
import { areCoercedFrom } from '../../src/authorization/operation/coerced-from.ts';
import {
  examineOperation,
  examinePlan,
  findRefusals,
  keysOf,
  type RefusedSelection,
} from '../../src/authorization/operation/find-refusals.ts';
import { guardOf } from '../../src/authorization/operation/guard.ts';
import { OperationPlanner } from '../../src/authorization/operation/operation-planner.ts';
import { asRefusalError } from '../../src/authorization/rules/refusal.ts';
import { CompiledOperations } from '../../src/execution/compiled-operations.ts';
import { createGate } from '../../src/gate/gate.ts';
import { generatedCases } from '../support/generated-cases.ts';
import {
  agreesOnArgs,
  agreesOnSource,
  guardedOrUndefined,
  viewerFrom,
} from '../support/random-guard.ts';
import {
  Choices,
  isRandomObject,
  now,
  randomOperation,
  randomSchema,
  randomViewer,
  resolvable,
  valueAt,
} from '../support/random-rules.ts';
import {
  evaluateReference,
  type ReferenceEnvironment,
  type ReferenceResult,
} from '../support/rules-reference.ts';

/** Longer and other runs: GENERATED_CASES=100 RULES_SEED=1. */
const cases = generatedCases(17);
const seed = Number(process.env['RULES_SEED'] ?? 20_261_121);

const compiledOperations = new CompiledOperations();
let executedCompiled = 0;

const rootValue = { kind: 'root', at: 'root' };

describe('guarded results equal the reference', () => {
  test.each([
    ['scopes, claims and step-up', false],
    ['policies too', true],
  ])(
    '%s',
    async (_name, withPolicies) => {
      let compared = 0;
      executedCompiled = 0;
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (number) => {
          if (await compare(number, withPolicies)) compared += 1;
        }),
        // A smaller seed is no simpler environment: nothing to shrink.
        { numRuns: cases, seed, endOnFailure: true },
      );
      // Schemas that guardSchema rejects are passed over; enough must be left.
      expect(compared).toBeGreaterThan(cases / 3);
      expect(executedCompiled).toBeGreaterThan(compared);
    },
    3_600_000,
  );
});

test('the random schemas and operations are valid', () => {
  for (let number = 0; number < 20; number += 1) {
    const choices = new Choices(number);
    const schema = buildSchema(randomSchema(choices, number % 2 === 0));
    const { text } = randomOperation(choices, schema);
    expect(validate(schema, parse(text)), text).toEqual([]);
  }
});

async function compare(number: number, withPolicies: boolean): Promise<boolean> {
  const choices = new Choices(number);
  const text = randomSchema(choices, withPolicies);
  const ran: string[] = [];
  const plain = resolvable(text, (path) => ran.push(path));
  const guarded = guardedOrUndefined(plain);
  if (guarded === undefined) return false;
  const { text: operationText, operationName, variables } = randomOperation(choices, plain);
  const document = parse(operationText);
  const referenceViewer = randomViewer(choices);
  const viewer = viewerFrom(referenceViewer);
  const environment: ReferenceEnvironment = {
    schema: plain,
    now,
    rootValue,
    propagates: true,
    value: (type, path) => valueAt(plain, type, path),
    typeOf: (object) => (isRandomObject(object) ? object.kind : ''),
    agrees: (policy, source, args) =>
      policy === 'yes' ||
      policy === 'later' ||
      (policy === 'source' && agreesOnSource(source)) ||
      (policy === 'args' && agreesOnArgs(args)),
  };
  const sentBy = { document, operationName, variables, viewer: referenceViewer };
  const expected = evaluateReference(environment, sentBy);
  const about = `${text}\n${operationText}\n${JSON.stringify({ variables, viewer: referenceViewer && [...referenceViewer.scopes, referenceViewer.claims] })}`;

  const request = { schema: guarded, document, operationName, variables, viewer };
  const upFront = new Set(findRefusals(request).map(({ path }) => path.join('.')));
  expect([...upFront].sort(), about).toEqual([...expected.upFront].sort());

  comparePlans(request, expected, about);
  const operationNode = getOperationAST(document, operationName);
  const { coerced } = getVariableValues(
    guarded,
    operationNode?.variableDefinitions ?? [],
    variables,
  );
  if (!operationNode || !coerced) throw new Error('No operation.');
  const sent = createClientVariables(operationNode, variables);
  expect(areCoercedFrom(sent, coerced, guarded), about).toBe(true);

  const contextValue = { viewer };
  const args = {
    schema: guarded,
    document,
    operationName,
    variableValues: variables,
    contextValue,
    rootValue,
  };
  const gate = createGate({ authenticator: { authenticate: async () => viewer } });
  const executors = [
    execute,
    normalizedExecutor,
    (given: ExecutionArgs) => compiled(document, given),
  ];
  for (const run of executors) {
    // Each with refusals of its own: beyond the first hundred, they share an error.
    const outcome = await gate.authorize(args);
    expect(outcome.kind === 'refused', about).toBe(expected.refused);
    expect(ran, about).toEqual([]);
    if (outcome.kind === 'refused') break;
    const result = await run(outcome.args);
    if ('data' in result || 'errors' in result) agree(result, expected, about);
    expect(
      ran.filter((path) => !expected.resolved.has(path)),
      about,
    ).toEqual([]);
    ran.length = 0;
  }

  // The same for clients whose errors stay in their positions.
  const expectedNull = evaluateReference({ ...environment, propagates: false }, sentBy);
  const outcomeNull = await gate.authorize(args, 'NULL');
  expect(outcomeNull.kind === 'refused', about).toBe(expectedNull.refused);
  if (outcomeNull.kind === 'allowed') {
    const result = await compiledOperations.execute(document, outcomeNull.args, 'NULL');
    if (result === undefined) throw new Error('Not compiled.');
    agree(result, expectedNull, about);
    expect(
      ran.filter((path) => !expectedNull.resolved.has(path)),
      about,
    ).toEqual([]);
    ran.length = 0;
  }

  // The guards by themselves, without the examination before.
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('No operation.');
  for (const run of executors) {
    const execution = new Execution({
      schema: guarded,
      operation,
      variables: createClientVariables(operation, variables),
    });
    const result = await run({ ...args, document: execution.attachTo(document) });
    if ('data' in result || 'errors' in result) agree(result, expected, about);
    expect(
      ran.filter((path) => !expected.resolved.has(path)),
      about,
    ).toEqual([]);
    ran.length = 0;
  }
  return true;
}

async function compiled(document: DocumentNode, args: ExecutionArgs): Promise<ExecutionResult> {
  const result = compiledOperations.execute(document, args);
  if (result === undefined) return execute(args);
  executedCompiled += 1;
  return result;
}

/** The plans of operations with too many paths, built for an operation that has few. */
function comparePlans(
  request: Parameters<typeof examineOperation>[0],
  expected: ReferenceResult,
  about: string,
): void {
  const { schema, document, operationName } = request;
  const guard = guardOf(schema);
  const { isFullyRefused, refusals } = examineOperation(request);
  const rootsOf = (found: readonly RefusedSelection[]): string[] =>
    found.flatMap(({ path }) => (path.above === undefined ? [path.key] : [])).sort();
  for (const graph of [Number.POSITIVE_INFINITY, 0]) {
    const limits = { tree: 0, graph, types: Number.POSITIVE_INFINITY };
    const planner = new OperationPlanner(schema, guard.rules, limits);
    const plan = planner.plan(document, operationName ?? undefined);
    if (plan === undefined) throw new Error('No plan.');
    const found = examinePlan(plan, guard, request);
    const paths = new Set(found.refusals.map(({ path }) => keysOf(path).join('.')));
    const unknown = [...paths].filter((path) => !expected.upFront.has(path));
    // Past the limits a refused selection can be named by another path that leads to it.
    if (graph === 0) expect(paths.size === 0 || expected.upFront.size > 0, about).toBe(true);
    else expect(unknown, about).toEqual([]);
    expect(rootsOf(found.refusals), about).toEqual(rootsOf(refusals));
    expect(found.isFullyRefused, about).toBe(isFullyRefused);
    if (graph === Number.POSITIVE_INFINITY) {
      expect(paths.size > 0, about).toBe(expected.upFront.size > 0);
    }
  }
}

function agree(result: ExecutionResult, expected: ReferenceResult, about: string): void {
  expect(JSON.parse(JSON.stringify(result.data)), about).toEqual(expected.data);
  const found = new Map(
    (result.errors ?? []).map((error) => [error.path?.join('.') ?? '', error] as const),
  );
  expect(found.size, about).toBe(result.errors?.length ?? 0);
  const known = new Map(expected.errors.map((error) => [error.path.join('.'), error] as const));
  for (const [path, error] of found) {
    expect(asRefusalError(error), `${path}: ${error.message}\n${about}`).toBeDefined();
    expect([...(known.get(path)?.codes ?? [])], `${path}\n${about}`).toContain(
      error.extensions['code'],
    );
  }
  // What a bubbling null has taken along need not be told.
  for (const [path, error] of known) {
    if (isVisible(result.data, error.path)) expect([...found.keys()], about).toContain(path);
  }
}

/** Whether the place of an error is there in the data: its parent is not null. */
function isVisible(data: unknown, path: readonly (string | number)[]): boolean {
  let at: unknown = data;
  for (const key of path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null) return false;
    at = Object.entries(at).find(([name]) => name === String(key))?.[1];
  }
  return typeof at === 'object' && at !== null;
}
