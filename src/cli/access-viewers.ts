import type { GraphQLSchema } from 'graphql';
import { listScopes } from '../authorization/review/access-rules.ts';
import type { RuleConditions } from '../authorization/review/compare-rules.ts';
import {
  describeViewer,
  type ReviewedViewer,
  viewersOf,
} from '../authorization/review/viewer-access.ts';
import { type CommandIO, UsageError } from './command.ts';

/** A viewer with the name of their column. */
export interface NamedViewer {
  readonly name: string;
  readonly viewer: ReviewedViewer;
}

/** The viewers of a table, and how many more there are. */
export interface SelectedViewers {
  readonly shown: readonly NamedViewer[];
  readonly hidden: number;
}

/** A table of text with more columns cannot be read. */
const maxViewers = 16;

/** Anonymous viewers, and those that `--viewer` names. Undefined if it names none. */
export function readNamedViewers(
  values: readonly string[] | undefined,
): readonly NamedViewer[] | undefined {
  if (values === undefined) return undefined;
  if (values.length > maxViewers) {
    throw new UsageError(`--viewer can be given at most ${maxViewers} times.`);
  }
  const named = values.map((value) => {
    const [, name = '', scopes = ''] = /^\s*([^=\s][^=]*)=(.*)$/s.exec(value) ?? [];
    if (name === '') {
      throw new UsageError('--viewer must be a name and scopes: --viewer "editor=A B"');
    }
    return withScopes(wordsOf(name).join(' '), wordsOf(scopes));
  });
  return [anonymousViewer, ...named];
}

/** Anonymous viewers, and the test users of this API with all of their scopes, fewest first. */
export async function loadTestViewers(
  schema: GraphQLSchema,
  { localIssuer }: Pick<CommandIO, 'localIssuer'>,
): Promise<readonly NamedViewer[] | undefined> {
  const users = await localIssuer?.loadUserScopes(listScopes(schema));
  if (users === undefined || users.length === 0) return undefined;
  const named = users.map(({ name, scopes }) => withScopes(name, scopes));
  return [anonymousViewer, ...named.sort((one, other) => countScopes(one) - countScopes(other))];
}

/** The viewers that rules distinguish. */
export function selectViewers(
  rules: readonly RuleConditions[],
  max: number = maxViewers,
): SelectedViewers {
  const viewers = viewersOf(rules).map((viewer) => ({ name: describeViewer(viewer), viewer }));
  return { shown: viewers.slice(0, max), hidden: Math.max(0, viewers.length - max) };
}

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

const anonymousViewer: NamedViewer = { name: 'anonymous', viewer: { kind: 'anonymous' } };

const withScopes = (name: string, scopes: readonly string[]): NamedViewer => ({
  name,
  viewer: { kind: 'authenticated', scopes: new Set(scopes) },
});

const countScopes = ({ viewer }: NamedViewer): number =>
  viewer.kind === 'anonymous' ? 0 : viewer.scopes.size;
