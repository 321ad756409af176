/**
 * Renders docs/reference.md from the doc comments of everything that the entries export. It reads the
 * sources with ts-morph, which includes a TypeScript that has an API.
 */
import { fileURLToPath } from 'node:url';
import {
  type ExportedDeclarations,
  type JSDoc,
  Node,
  Project,
  type Type,
  type TypeParameteredNode,
  ts,
} from 'ts-morph';
import { type Entry, findEntries } from '../package/entries.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The chapters, and the folders and files of src that they describe. The longest path wins. */
const chapters: readonly { readonly title: string; readonly paths: readonly string[] }[] = [
  { title: 'Schema', paths: ['authorization/'] },
  { title: 'Authentication', paths: ['authentication/', 'shared/clock.ts'] },
  { title: 'Limits', paths: ['limits/'] },
  { title: 'Token exchange', paths: ['token-exchange/'] },
  { title: 'Replay stores', paths: ['authentication/replay/', 'adapters/redis/'] },
  { title: 'GraphQL Yoga', paths: ['adapters/yoga/'] },
  { title: 'Apollo Server', paths: ['adapters/apollo-server/'] },
  { title: 'Mercurius', paths: ['adapters/mercurius/'] },
  { title: 'graphql-http', paths: ['adapters/graphql-http/'] },
  { title: 'Subscriptions', paths: ['adapters/graphql-ws/', 'streams/'] },
  { title: 'Traces', paths: ['adapters/opentelemetry/'] },
  { title: 'Apollo Federation', paths: ['adapters/federation/'] },
  {
    title: 'Other servers',
    paths: ['gate/', 'shared/response-head.ts', 'shared/error-behavior.ts'],
  },
  {
    title: 'Errors',
    paths: [
      'authentication/auth-error.ts',
      'authentication/auth-error-reasons.ts',
      'authorization/directives/schema-rule-error.ts',
      'gate/mask-errors.ts',
    ],
  },
  { title: 'Metrics', paths: ['adapters/metrics/'] },
  { title: 'Testing', paths: ['testing/'] },
  { title: 'ESLint', paths: ['adapters/eslint/'] },
];

interface Export {
  readonly name: string;
  readonly entry: Entry;
  readonly declaration: ExportedDeclarations;
}

/** Links from the names of exports to their headings. */
type Links = ReadonlyMap<string, string>;

export function renderApiReference(): string {
  const project = new Project({ tsConfigFilePath: `${root}tsconfig.build.json` });
  const exports = findEntries(`${root}src`).flatMap((entry) => {
    const module = project.getSourceFileOrThrow(`${root}src/${entry.module}.ts`);
    return [...module.getExportedDeclarations()].flatMap(([name, declarations]) =>
      declarations.map((declaration) => ({ name, declaration, entry })),
    );
  });
  const parts = chapters.map(({ title }) => {
    const own = exports.filter(({ declaration }) => chapterOf(declaration) === title);
    // Types follow the functions that they belong to.
    const values = own.filter(({ declaration }) => !isType(declaration));
    return { title, values, all: [...values, ...own.filter((one) => !values.includes(one))] };
  });
  const links = linkHeadings(parts.flatMap(({ title, all }) => [title, ...all.map((e) => e.name)]));

  const contents = parts.map(
    ({ title, values }) =>
      `- ${links.get(title)}: ${values.map(({ name }) => codeLink(name, links)).join(', ')}`,
  );
  return `${[
    '# API reference',
    '<!-- Written by `npm run docs` from the comments in src. Do not edit it here. -->',
    'What the package `graphql-resource-server` exports.',
    contents.join('\n'),
    ...parts.flatMap(({ title, all }) => [
      `## ${title}`,
      renderImports(all),
      ...all.flatMap((one) => renderExport(one, links)),
    ]),
  ].join('\n\n')}\n`;
}

/** Says which entry has what, without repeating what the main entry has if it is all. */
function renderImports(exports: readonly Export[]): string {
  const names = new Set(exports.map(({ entry: { name } }) => name));
  return [...names]
    .map((name) => {
      const specifier = `graphql-resource-server${name === '.' ? '' : `/${name}`}`;
      const own = exports.filter(({ entry }) => entry.name === name);
      return names.size === 1
        ? `From \`${specifier}\`.`
        : `From \`${specifier}\`: ${own.map((one) => `\`${one.name}\``).join(', ')}.`;
    })
    .join('\n\n');
}

function chapterOf(declaration: ExportedDeclarations): string {
  const path = declaration.getSourceFile().getFilePath().slice(`${root}src/`.length);
  const [longest] = chapters
    .flatMap(({ title, paths }) => paths.map((prefix) => ({ title, prefix })))
    .filter(({ prefix }) => path.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (longest === undefined) throw new Error(`Add src/${path} to a chapter of the reference.`);
  return longest.title;
}

const isType = (declaration: ExportedDeclarations): boolean =>
  Node.isInterfaceDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration);

/** Gives headings the anchors that GitHub gives them: of equal ones, the second ends with -1. */
function linkHeadings(headings: readonly string[]): Links {
  const seen = new Map<string, number>();
  return new Map(
    headings.map((heading) => {
      const anchor = heading.toLowerCase().replaceAll(' ', '-');
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return [heading, `[${heading}](#${anchor}${count === 0 ? '' : `-${count}`})`];
    }),
  );
}

const codeLink = (name: string, links: Links): string =>
  links.get(name)?.replace(`[${name}]`, `[\`${name}\`]`) ?? `\`${name}\``;

function renderExport({ name, declaration }: Export, links: Links): readonly string[] {
  const documented = Node.isVariableDeclaration(declaration)
    ? declaration.getVariableStatementOrThrow()
    : declaration;
  const docs = Node.isJSDocable(documented) ? documented.getJsDocs() : [];
  const signature = signatureOf(declaration);
  return [
    `### ${name}`,
    ...describe(docs, links),
    ...(signature === undefined ? [] : [`\`\`\`ts\n${signature}\n\`\`\``]),
    ...renderMembers(membersOf(declaration, links), links),
    ...details(docs, links),
  ];
}

/** The declaration without its body; undefined for an interface that has nothing but members. */
function signatureOf(declaration: ExportedDeclarations): string | undefined {
  if (Node.isFunctionDeclaration(declaration)) {
    const end = declaration.getBodyOrThrow().getStart() - declaration.getStart();
    return declaration
      .getText()
      .slice(0, end)
      .replace(/^export /, '')
      .trim();
  }
  if (Node.isVariableDeclaration(declaration)) {
    const type = declaration.getType().getBaseTypeOfLiteralType();
    return `const ${declaration.getName()}: ${type.getText(declaration)}`;
  }
  if (Node.isTypeAliasDeclaration(declaration)) {
    const written = declaration.getTypeNodeOrThrow();
    const head = `type ${declaration.getName()}${typeParametersOf(declaration)} =`;
    if (!Node.isTypeOperatorTypeNode(written) && !Node.isIndexedAccessTypeNode(written)) {
      return `${head} ${written.getText()}`.replace('= |', '=\n  |');
    }
    const type = declaration.getType();
    return type.isUnion()
      ? `${head}${type
          .getUnionTypes()
          .map((one) => `\n  | ${typeText(one, declaration)}`)
          .join('')}`
      : `${head} ${typeText(type, declaration, ts.TypeFormatFlags.InTypeAlias)}`;
  }
  if (Node.isInterfaceDeclaration(declaration)) {
    const extended = declaration.getExtends().map((one) => one.getText());
    const parameters = typeParametersOf(declaration);
    if (extended.length === 0 && parameters === '') return undefined;
    const clause = extended.length === 0 ? '' : ` extends ${extended.join(', ')}`;
    return `interface ${declaration.getName()}${parameters}${clause}`;
  }
  if (Node.isClassDeclaration(declaration)) {
    const [first] = declaration.getConstructors();
    const parameters = first?.getParameters().map((one) => one.getText()) ?? [];
    return `new ${declaration.getName()}(${parameters.join(', ')})`;
  }
  throw new Error(`The reference cannot show a ${declaration.getKindName()}.`);
}

const typeParametersOf = (declaration: TypeParameteredNode): string => {
  const parameters = declaration.getTypeParameters().map((one) => one.getText());
  return parameters.length === 0 ? '' : `<${parameters.join(', ')}>`;
};

const typeText = (type: Type, at: Node, flags = 0): string =>
  type.getText(at, ts.TypeFormatFlags.NoTruncation | flags).replaceAll('"', "'");

interface Member {
  readonly name: string;
  readonly type: string;
  readonly docs: readonly JSDoc[];
}

/** The members that an interface or a class has beyond the exported types that it extends. */
function membersOf(declaration: ExportedDeclarations, links: Links): readonly Member[] {
  if (!Node.isInterfaceDeclaration(declaration) && !Node.isClassDeclaration(declaration)) return [];
  const inherited = Node.isInterfaceDeclaration(declaration)
    ? declaration
        .getExtends()
        .filter((one) => links.has(one.getText()))
        .flatMap((one) =>
          one
            .getType()
            .getProperties()
            .map((property) => property.getName()),
        )
    : [];
  return declaration
    .getType()
    .getProperties()
    .flatMap((property) => {
      const [node] = property.getDeclarations();
      const isForeign = node === undefined || node.getSourceFile().isInNodeModules();
      const isPrivate = property.getName().startsWith('#');
      if (isForeign || isPrivate || inherited.includes(property.getName())) return [];
      const name = `${property.getName()}${property.isOptional() ? '?' : ''}`;
      const docs = Node.isJSDocable(node) ? node.getJsDocs() : [];
      if (Node.isMethodSignature(node)) {
        const parameters = node.getParameters().map((one) => one.getText());
        const type = node.getReturnTypeNodeOrThrow().getText();
        return [{ name: `${name}(${parameters.join(', ')})`, type, docs }];
      }
      const written = Node.isTyped(node) ? node.getTypeNode()?.getText() : undefined;
      const type = written ?? typeText(property.getTypeAtLocation(declaration), declaration);
      return [{ name, type: type.replace(/\/\*.*?\*\//gs, '').replace(/\s+/g, ' '), docs }];
    });
}

function renderMembers(members: readonly Member[], links: Links): readonly string[] {
  const items = members.map(({ name, type, docs }) => {
    const text = [...describe(docs, links), ...details(docs, links)].join('\n\n');
    const item = `- **\`${name}\`**: ${linkType(type, links)}${text === '' ? '' : `  \n${text}`}`;
    return item.replace(/\n(?=.)/g, '\n  ');
  });
  return items.length === 0 ? [] : [items.join('\n')];
}

/** A type as code, in which the names of exports are links. */
function linkType(type: string, links: Links): string {
  if (links.has(type)) return codeLink(type, links);
  const words = /(?<!['"])\b[A-Z]\w+\b/g;
  if (!type.match(words)?.some((word) => links.has(word))) return `\`${type}\``;
  const html = type.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<code>${html.replace(words, (word) => links.get(word) ?? word)}</code>`;
}

function describe(docs: readonly JSDoc[], links: Links): readonly string[] {
  const deprecated = tagsOf(docs, 'deprecated').map((text) => `**Deprecated.** ${text}`);
  const texts = docs.map((doc) => doc.getDescription().trim()).filter((text) => text !== '');
  return [...deprecated, ...texts].map((text) => linkCode(text, links));
}

function details(docs: readonly JSDoc[], links: Links): readonly string[] {
  const tag = (name: string, head: string): readonly string[] =>
    tagsOf(docs, name).map((text) => linkCode(`${head} ${sentence(text)}`, links));
  const parameters = tagsOf(docs, 'param').map((text) =>
    linkCode(text.replace(/^(\w+)\s+(?:- )?/, '- `$1`: '), links),
  );
  return [
    ...(parameters.length === 0 ? [] : [parameters.join('\n')]),
    ...tag('returns', '**Returns**'),
    ...tag('throws', '**Throws**'),
    ...tagsOf(docs, 'example'),
  ];
}

const tagsOf = (docs: readonly JSDoc[], name: string): readonly string[] =>
  docs
    .flatMap((doc) => doc.getTags())
    .filter((tag) => tag.getTagName() === name)
    .map((tag) =>
      tag
        .getText()
        .replace(/^@\w+\s*/, '')
        .replace(/^[ \t]*\*(?: |$)/gm, '')
        .trim(),
    );

/** The text of a tag as the rest of a sentence: `{TypeError} With a message` is "TypeError with ...". */
const sentence = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/^\{(\w+)\} /, '`$1` ')
    .replace(/^(`\w+` )?([A-Z])(?=[a-z]* )/, (_all, type = '', first: string) =>
      type === '' ? first.toLowerCase() : `${type}${first.toLowerCase()}`,
    )
    .replace(/[^.]$/, '$&.');

/** Links code that is the name of an export. */
const linkCode = (text: string, links: Links): string =>
  text
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/(?<!\[)`(\w+)`/g, (_code, name: string) => codeLink(name, links));
