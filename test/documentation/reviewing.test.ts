import { expect, test } from 'vitest';
import { anonymous } from '../../src/authentication/viewer.ts';
import { createRequestExplainer } from '../../src/server/graphiql/access/explain-request.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { blocksOf, readDocument } from './markdown.ts';

const blocks = blocksOf(readDocument('docs/reviewing.md'));

test('docs/reviewing.md shows the verdicts of its operation', () => {
  const [command, verdicts] = blocks.filter(
    ({ heading }) => heading === 'Before an operation runs',
  );
  const [, body = ''] = /--json '(.*)'/.exec(command?.text ?? '') ?? [];
  const { schema } = buildFixtureApi();
  const explain = createRequestExplainer({
    schema,
    introspection: 'on',
    visibleTo: () => schema,
    refuse: 'selection',
    limits: undefined,
  });
  const explained = explain(JSON.parse(body), anonymous);

  expect(JSON.parse(verdicts?.text ?? '')).toEqual(JSON.parse(JSON.stringify(explained)));
});
