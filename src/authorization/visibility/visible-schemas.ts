import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '../../authentication/viewer.ts';
import { guardOf } from '../rules/guard.ts';
import { findMissing } from '../rules/missing.ts';
import { Visibility } from './visibility.ts';
import { VisibleSchema } from './visible-schema.ts';

/** What is remembered of one schema for all viewers, in bytes. */
const maxBytes = 4_000_000;

/**
 * Gives each viewer the part of a guarded schema that they could use: without the fields,
 * arguments, input fields, enum values and types whose rules require a token, scopes or claims that
 * the viewer lacks, and without what can only be reached through those. What a new sign-in or a
 * policy may still decide stays. It is always a valid schema.
 *
 * What is hidden is worked out once for each set of requirements that are met. Nothing else of a
 * viewer goes in, so viewers who are alike share it.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function visibleSchemas(guarded: GraphQLSchema): (viewer: Viewer) => GraphQLSchema {
  const { rules, now } = guardOf(guarded);
  const visibility = new Visibility(guarded, rules);
  const known = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    sizeCalculation: (hidden, met) => hidden.length + 2 * met.length,
  });

  return function schemaFor(viewer) {
    const met = visibility.requirements.map((requirement) => {
      const kind = findMissing([requirement], viewer, now)?.kind;
      return kind === undefined || kind === 'step-up';
    });
    const key = met.map(Number).join('');
    const hidden = known.get(key) ?? visibility.hidden((requirement) => met[requirement] === true);
    known.set(key, hidden);
    return new VisibleSchema(guarded, (element) => visibility.isShown(element, hidden));
  };
}
