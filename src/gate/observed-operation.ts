import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  type OperationDefinitionNode,
  print,
} from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { viewerOf } from '../authorization/enforcement/execution.ts';
import { sha256Hex } from '../shared/sha256.ts';

/** An operation, as observers get it. Clients choose its name and size: limit what you keep of it. */
export interface ObservedOperation {
  /** What is executed, variables included. Its context is the same object in all steps of the operation. */
  readonly args: ExecutionArgs;
  readonly viewer: Viewer;
  /** Undefined if the document has no such operation, which the result then says. */
  readonly type: 'query' | 'mutation' | 'subscription' | undefined;
  /** The name in the document. Undefined if the operation is anonymous. */
  readonly name: string | undefined;
  /**
   * The SHA-256 of the text of the document, in hexadecimal, as persisted operations have it. Computed when
   * it is first read, and remembered as long as the document.
   */
  readonly documentHash: string;
}

/** The hashes of documents. */
export class DocumentHashes {
  readonly #hashes = new WeakMap<DocumentNode, string>();

  of(document: DocumentNode): string {
    const known = this.#hashes.get(document);
    if (known !== undefined) return known;
    const hash = sha256Hex(document.loc?.source.body ?? print(document));
    this.#hashes.set(document, hash);
    return hash;
  }
}

/** Describes an operation for observers. */
export function observeOperation(args: ExecutionArgs, hashes: DocumentHashes): ObservedOperation {
  return new Operation(args, hashes);
}

/** Its members are computed when they are read. */
class Operation implements ObservedOperation {
  readonly args: ExecutionArgs;
  readonly #hashes: DocumentHashes;

  constructor(args: ExecutionArgs, hashes: DocumentHashes) {
    this.args = args;
    this.#hashes = hashes;
  }

  get viewer(): Viewer {
    return viewerOf(this.args.contextValue);
  }

  get type(): ObservedOperation['type'] {
    return this.#node?.operation;
  }

  get name(): string | undefined {
    return this.#node?.name?.value;
  }

  get documentHash(): string {
    return this.#hashes.of(this.args.document);
  }

  get #node(): OperationDefinitionNode | null | undefined {
    return getOperationAST(this.args.document, this.args.operationName);
  }
}
