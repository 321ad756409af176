import { type ASTNode, GraphQLError, type GraphQLErrorExtensions, Kind } from 'graphql';

/** What an error says besides its message. */
export interface UntracedErrorOptions {
  readonly extensions: GraphQLErrorExtensions;
  /** Response keys and list indices from the root, if known. */
  readonly path?: readonly (string | number)[] | undefined;
}

/**
 * Placeholder for the nodes of an error. Executors compute line and column for every error that they
 * wrap, unless it has nodes: they scan the text from the start each time.
 */
const unlocated: readonly ASTNode[] = [
  { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'refused' } },
];

/** Has the prototype of `GraphQLError`, but does not call its constructor, which captures two traces. */
class GraphQLErrorWithoutTrace implements GraphQLError {
  static {
    Object.setPrototypeOf(GraphQLErrorWithoutTrace.prototype, GraphQLError.prototype);
  }

  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
  readonly locations: undefined;
  readonly extensions: GraphQLErrorExtensions;
  declare readonly source: undefined;
  declare readonly positions: undefined;
  declare readonly originalError: undefined;
  declare readonly [Symbol.toStringTag]: string;
  declare readonly toJSON: GraphQLError['toJSON'];

  constructor(message: string, { extensions, path }: UntracedErrorOptions) {
    this.message = message;
    this.path = path;
    this.locations = undefined;
    this.extensions = extensions;
  }

  get name(): string {
    return 'GraphQLError';
  }

  get nodes(): readonly ASTNode[] {
    return unlocated;
  }

  get stack(): string {
    return `${this.name}: ${this.message}`;
  }

  set stack(value: string) {
    Object.defineProperty(this, 'stack', { value, writable: true, configurable: true });
  }
}

/**
 * `GraphQLError` without a stack trace and without locations, for what clients cause at will: traces
 * take longer than everything else about a refusal. Its members are those of `GraphQLError`.
 */
export const UntracedGraphQLError: new (
  message: string,
  options: UntracedErrorOptions,
) => GraphQLError = GraphQLErrorWithoutTrace;
