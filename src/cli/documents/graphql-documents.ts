import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql';
import { CommandError } from '../command.ts';
import type { SourceFile } from './find-files.ts';

/** A document, and the file that it comes from. */
export interface FoundDocument {
  readonly path: string;
  readonly text: string;
}

/**
 * Makes a document of each operation in files of GraphQL, with the fragments that it uses, which can be in
 * any of the files. The text is that of `print` of graphql. Definitions of types are skipped: a pattern
 * such as src/**\/*.graphql also matches schemas.
 *
 * @throws {CommandError} If a file cannot be parsed, or if two fragments have the same name.
 */
export function documentsOfFiles(files: readonly SourceFile[]): readonly FoundDocument[] {
  const operations: { readonly path: string; readonly operation: OperationDefinitionNode }[] = [];
  const fragments = new Map<string, { path: string; fragment: FragmentDefinitionNode }>();
  for (const file of files) {
    for (const definition of parseFile(file)) {
      if (definition.kind === Kind.OPERATION_DEFINITION) {
        operations.push({ path: file.path, operation: definition });
      } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        const name = definition.name.value;
        const namesake = fragments.get(name);
        if (namesake !== undefined) {
          throw new CommandError(
            `The fragment ${name} is in ${namesake.path} and in ${file.path}: rename one.`,
          );
        }
        fragments.set(name, { path: file.path, fragment: definition });
      }
    }
  }
  return operations.map(({ path, operation }) => {
    const used = new Set<OperationDefinitionNode | FragmentDefinitionNode>([operation]);
    // Grows while it is walked.
    for (const definition of used) {
      visit(definition, {
        FragmentSpread({ name }) {
          const found = fragments.get(name.value);
          if (found !== undefined) used.add(found.fragment);
        },
      });
    }
    return { path, text: print({ kind: Kind.DOCUMENT, definitions: [...used] }) };
  });
}

function parseFile({ path, text }: SourceFile): readonly DefinitionNode[] {
  try {
    return parse(text).definitions;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it is not GraphQL';
    throw new CommandError(`${path} cannot be parsed: ${reason.replaceAll(/\s+/g, ' ')}`, {
      cause,
    });
  }
}
