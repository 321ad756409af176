import { UntracedGraphQLError } from './untraced-graphql-error.ts';

/** `extensions.code` of the error of an operation that exceeds a limit. */
export const limitErrorCode = 'OPERATION_LIMIT_EXCEEDED';

/** A limit that an operation exceeds, as a request error. */
export class LimitError extends UntracedGraphQLError {
  constructor({
    limit,
    max,
    actual,
    message,
  }: {
    readonly limit: string;
    readonly max: number;
    readonly actual: number;
    readonly message: string;
  }) {
    super(message, { extensions: { code: limitErrorCode, limit, max, actual } });
  }
}
