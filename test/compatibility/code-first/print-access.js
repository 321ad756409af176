// Prints a schema of this folder, its access table, and the results of operations, as JSON:
//
//   node --import tsx print-access.js ./schemas/NAME.js
import { graphql, lexicographicSortSchema, parse, printSchema } from 'graphql';
import { accessRules, anonymous, findRefusals } from 'graphql-resource-server';
import { viewerWith } from 'graphql-resource-server/testing';

const [, , file] = process.argv;
const { schema } = await import(file);

const claims = { tenant: 't' };
const viewers = {
  anonymous,
  ada: viewerWith({ subject: 'ada', scopes: ['notes:read', 'notes:write'], claims }),
  auditor: viewerWith({
    subject: 'bob',
    scopes: ['notes:read', 'notes:write', 'notes:pin', 'audit'],
    claims,
  }),
  stranger: viewerWith({ subject: 'eve', scopes: ['notes:read'] }),
};
const operations = [
  '{ status me diary }',
  '{ notes { id text owner visibility } }',
  '{ notes(owner: "ada") { id } }',
  '{ node(id: "2") { id owner ... on Note { text visibility } } }',
  'mutation { addNote(input: { text: "new" }) { text } }',
  'mutation { addNote(input: { text: "new", pinned: true }) { text } }',
];

const results = [];
for (const [name, viewer] of Object.entries(viewers)) {
  for (const source of operations) {
    const refusals = findRefusals({ schema, document: parse(source), viewer });
    const { data, errors = [] } = await graphql({ schema, source, contextValue: { viewer } });
    results.push({
      viewer: name,
      operation: source,
      refusals: refusals.map(({ coordinate, path }) => `${coordinate} at ${path.join('.')}`),
      data,
      errors: errors.map(({ message, path }) => `${path?.join('.')}: ${message}`),
    });
  }
}
// Libraries order types and fields in their own way.
const access = accessRules(schema).sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
const sdl = printSchema(lexicographicSortSchema(schema));
console.log(JSON.stringify({ sdl, access, results }));
