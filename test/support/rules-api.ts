import { normalizedExecutor } from '@graphql-tools/executor';
import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { UseAuthOptions } from '../../src/adapters/yoga/auth-options.ts';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import {
  type AuthenticatedViewer,
  anonymous,
  type Viewer,
  viewerId,
} from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import {
  type GuardSchemaOptions,
  guardSchema,
} from '../../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import type { Refusal } from '../../src/authorization/rules/refusal.ts';
import { type Fetch, startListener } from './listener.ts';

/** The current time of these tests, in seconds since the epoch. */
export const now = 1_800_000_000;

/** A viewer with these scopes, space-delimited, and these claims. */
export function createViewer(
  scope = '',
  claims: Readonly<Record<string, unknown>> = {},
): AuthenticatedViewer {
  return {
    kind: 'authenticated',
    id: viewerId({ issuer: 'https://issuer.test/', subject: 'viewer' }),
    subject: 'viewer',
    issuer: 'https://issuer.test/',
    scopes: new Set(scope.split(' ').filter((one) => one !== '')),
    claims,
    expiresAt: new Date((now + 600) * 1000),
  };
}

export const anonymousViewer: Viewer = anonymous;

export type Resolvers = Readonly<
  Record<string, Readonly<Record<string, GraphQLFieldResolver<unknown, unknown>>>>
>;

/** Tables pass rows, which have more than options. */
const guardOptionNames = [
  'policies',
  'requireRuleOn',
  'allowNoRules',
  'scopeHierarchy',
  'federationDirectives',
  'shadow',
  'clock',
  'now',
];

export interface ApiOptions extends GuardSchemaOptions {
  /** The values of the root fields, by name. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** More resolvers, by type and field. */
  readonly resolvers?: Resolvers;
  readonly subscribe?: Readonly<Record<string, () => AsyncIterable<unknown>>>;
  /** How the schema is built. Default `merged`: by @graphql-tools/schema. */
  readonly made?: 'merged' | 'built';
  readonly refuse?: UseAuthOptions['refuse'];
  readonly execution?: UseAuthOptions['execution'];
  readonly onRefusal?: UseAuthOptions['onRefusal'];
}

export interface OperationOptions {
  readonly viewer?: Viewer;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

export interface OperationOutcome {
  readonly status: number;
  readonly challenge: string | null;
  readonly data: unknown;
  /** By path: the code, and what is missing. */
  readonly errors: Readonly<Record<string, string>>;
  /** The resolvers that ran, by coordinate. */
  readonly ran: readonly string[];
}

/** An API with rules. Executes operations through Yoga, or with the guards alone. */
export class RulesApi {
  readonly schema: GraphQLSchema;
  readonly ran: string[] = [];
  readonly logged: unknown[][] = [];
  readonly #yoga: Fetch;
  readonly #listener: Fetch;
  readonly #viewers = new Map<string, Viewer>();
  /** The valid operations so far. */
  readonly #documents = new Map<string, DocumentNode>();
  /** The operations that the listener has had before: the next time, they are prepared. */
  readonly #prepared = new Set<string>();

  /** @param types The schema without the definitions of the directives. */
  constructor(types: string, options: ApiOptions = {}) {
    const text = `${authDirectives}\n${types}`;
    const schema =
      options.made === 'built' ? buildSchema(text) : makeExecutableSchema({ typeDefs: text });
    this.#giveResolvers(schema, options);
    const guardOptions: GuardSchemaOptions = Object.fromEntries(
      Object.entries(options).filter(([name]) => guardOptionNames.includes(name)),
    );
    this.schema = guardSchema(schema, { now: () => now * 1000, ...guardOptions });
    const log = (...args: unknown[]): void => {
      this.logged.push(args);
    };
    const authenticator: UseAuthOptions['authenticator'] = {
      authenticate: async ({ headers }) =>
        this.#viewers.get(headers.get('authorization') ?? '') ?? anonymousViewer,
    };
    const yoga = createYoga({
      schema: this.schema,
      logging: { debug: () => {}, info: () => {}, warn: log, error: log },
      batching: true,
      plugins: [
        useAuth({
          authenticator,
          ...(options.refuse ? { refuse: options.refuse } : {}),
          ...(options.execution ? { execution: options.execution } : {}),
          ...(options.onRefusal ? { onRefusal: options.onRefusal } : {}),
        }),
      ],
    });
    this.#yoga = async (url, init) => yoga.fetch(url, init);
    this.#listener = startListener({ schema: this.schema, authenticator });
  }

  /** Through Yoga, as a client does. */
  execute(operation: string, options: OperationOptions = {}): Promise<OperationOutcome> {
    return this.#execute(this.#yoga, operation, options);
  }

  /** Through the direct listener, which hands over to Yoga what is not the plain case. */
  async executeDirectly(
    operation: string,
    options: OperationOptions = {},
  ): Promise<OperationOutcome> {
    if (!this.#prepared.has(operation)) {
      await this.#execute(this.#listener, operation, options);
      this.#prepared.add(operation);
    }
    return this.#execute(this.#listener, operation, options);
  }

  async #execute(
    send: Fetch,
    operation: string,
    options: OperationOptions,
  ): Promise<OperationOutcome> {
    const response = await this.#post(
      send,
      { query: operation, ...withoutViewer(options) },
      options.viewer,
    );
    const body: unknown = await response.json();
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      ...read(body),
      ran: this.ran.splice(0),
    };
  }

  post(body: unknown, viewer?: Viewer, accept?: string): Promise<Response> {
    return this.#post(this.#yoga, body, viewer, accept);
  }

  /** Through the direct listener. */
  postDirectly(body: unknown, viewer?: Viewer): Promise<Response> {
    return this.#post(this.#listener, body, viewer);
  }

  async #post(
    send: Fetch,
    body: unknown,
    viewer: Viewer = anonymousViewer,
    accept = 'application/json',
  ): Promise<Response> {
    const token = `token ${this.#viewers.size}`;
    this.#viewers.set(token, viewer);
    return send('http://api.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: token },
      body: JSON.stringify(body),
    });
  }

  /** Without Yoga and without the examination before: the guards by themselves. */
  async alone(
    operation: string,
    options: OperationOptions = {},
    executor: 'graphql' | 'tools' = 'graphql',
  ): Promise<Omit<OperationOutcome, 'status' | 'challenge'>> {
    const document = this.#documents.get(operation) ?? parse(operation);
    const [error] = this.#documents.has(operation) ? [] : validate(this.schema, document);
    if (error) throw error;
    this.#documents.set(operation, document);
    const args = {
      schema: this.schema,
      document,
      operationName: options.operationName ?? null,
      variableValues: options.variables ?? {},
      contextValue: { viewer: options.viewer ?? anonymousViewer },
    };
    const result = executor === 'graphql' ? await execute(args) : await normalizedExecutor(args);
    if (Symbol.asyncIterator in result) throw new Error('A stream, and no result.');
    return { ...read(JSON.parse(JSON.stringify(result))), ran: this.ran.splice(0) };
  }

  /** Before anything runs. */
  refusals(operation: string, options: OperationOptions = {}): Refusal[] {
    return findRefusals({
      schema: this.schema,
      document: parse(operation),
      operationName: options.operationName,
      variables: options.variables,
      viewer: options.viewer ?? anonymousViewer,
    });
  }

  #giveResolvers(schema: GraphQLSchema, options: ApiOptions): void {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue;
      for (const field of Object.values(type.getFields())) {
        const given = options.resolvers?.[type.name]?.[field.name];
        const source = options.subscribe?.[field.name];
        if (source) {
          field.subscribe = () => {
            this.ran.push(`source of ${field.name}`);
            return source();
          };
        } else if (roots.includes(type)) {
          field.resolve = (...args) => {
            this.ran.push(`${type.name}.${field.name}`);
            return given ? given(...args) : options.data?.[field.name];
          };
        } else if (given) {
          field.resolve = (...args) => {
            this.ran.push(`${type.name}.${field.name}`);
            return given(...args);
          };
        }
      }
    }
  }
}

function withoutViewer({
  variables,
  operationName,
}: OperationOptions): Omit<OperationOptions, 'viewer'> {
  return {
    ...(variables ? { variables } : {}),
    ...(operationName ? { operationName } : {}),
  };
}

/** A result, as far as tables compare it. */
function read(body: unknown): Pick<OperationOutcome, 'data' | 'errors'> {
  const result = body as Pick<ExecutionResult, 'data' | 'errors'>;
  const errors: Record<string, string> = {};
  for (const { path, extensions, message } of result.errors ?? []) {
    const { code, ...missing } = extensions ?? {};
    const key = (path ?? []).join('.');
    const text = [
      typeof code === 'string' ? code : message,
      ...Object.entries(missing).map(([name, value]) => `${name}=${String(value)}`),
    ].join(' ');
    errors[key] = errors[key] === undefined ? text : `${errors[key]} and ${text}`;
  }
  return { data: result.data, errors };
}
