import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { bodyIn, exampleOf } from './calling-example.ts';
import { callLanguages } from './calling-languages.ts';
import { blocksOf, plain, readDocument, sectionOf, tableRows } from './markdown.ts';

const document = readDocument('docs/calling.md');

describe('docs/calling.md', () => {
  test('says of each language whether its example is run here', () => {
    const rows = tableRows(sectionOf(document, 'Calling the API')).map((row) => row.map(plain));

    expect(rows.map(([name, , checked]) => [name, checked])).toEqual(
      callLanguages.map(({ name, isRun }) => [name, isRun ? 'run' : 'form only']),
    );
  });

  test('gets its token as the first page does', () => {
    const [first] = blocksOf(document);

    expect(readDocument('docs/getting-started.md')).toContain(first?.text.replace('export ', '$ '));
  });

  test('is reached from the README, and leads back to what is there', () => {
    const links = [...document.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);

    expect(readDocument('README.md')).toContain('](docs/calling.md)');
    expect(links).toEqual(['answers.md', 'dpop.md']);
    expect(readDocument('docs/dpop.md')).toContain('Authorization: DPoP');
    expect(sectionOf(readDocument('docs/answers.md'), 'Status and code')).toContain('FORBIDDEN');
  });
});

describe.each(callLanguages)('the form of the example in $name', ({ name, imports, library }) => {
  const { code, run: command } = exampleOf(document, name);

  test('has an operation of this schema as JSON', () => {
    const body = bodyIn(code);

    expect(body).toEqual({ query: '{ privateScoped { message } }' });
    const schema = buildSchema(readDocument('schema.graphql'));
    expect(validate(schema, parse('{ privateScoped { message } }'))).toEqual([]);
  });

  test('has the URL, the token and the type of the body', () => {
    expect(code).toContain('http://localhost:4000/graphql');
    expect(code).toContain('Authorization');
    expect(code).toMatch(/\bBearer\b/);
    expect(code).toMatch(/\bTOKEN\b/);
    expect(code).toContain('application/json');
  });

  test('needs nothing but what the language brings along', () => {
    expect([...code.matchAll(imports)].map(([, imported]) => imported)).toEqual(library);
  });

  test('prints the status and the body', () => {
    expect(command.output.split('\n').sort()).toEqual([
      '200',
      '{"data":{"privateScoped":{"message":"Hello from a field for those who may read messages."}}}',
    ]);
  });
});
