import { getOperationAST, type OperationTypeNode, parse } from 'graphql';
import type { SignInSettings } from '../../sign-in-settings.ts';
import { type AskedSignIn, describeNotGranted } from '../messages.ts';
import type { OperationRequest, PageState } from '../page-state.ts';

/** An operation that was refused, in part or as a whole. */
export interface RefusedOperation {
  readonly request: OperationRequest;
  readonly kind: `${OperationTypeNode}` | undefined;
}

/** @returns Undefined if the document is invalid, or does not have the operation. */
export function operationKind({
  query,
  operationName,
}: Pick<OperationRequest, 'query' | 'operationName'>): RefusedOperation['kind'] {
  try {
    return getOperationAST(parse(query), operationName)?.operation;
  } catch {
    return undefined;
  }
}

/**
 * What follows a sign-in that was asked for because an operation was refused. Queries and subscriptions
 * run again. A mutation is only offered: it changes something, now as another account, and a part of it
 * may have run.
 */
export function describeNext(
  { request, kind }: RefusedOperation,
  asked: AskedSignIn,
  settings: Pick<SignInSettings, 'testUsers'>,
): Partial<PageState> {
  if (kind !== 'mutation') return { runAgain: request };
  const { account } = asked;
  const notGranted = (asked.request.scopes ?? []).filter(
    (scope) => account.scopes && !account.scopes.includes(scope),
  );
  if (notGranted.length > 0) return { message: describeNotGranted(account, notGranted, settings) };
  return {
    message: {
      text: `Signed in as ${account.name}. The mutation has not been run again.`,
      action: { label: 'Run again', operation: request },
    },
  };
}
