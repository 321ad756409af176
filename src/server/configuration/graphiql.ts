import { findSignInIssuer, type IssuerConfiguration } from './issuer-configuration.ts';
import type { SettingReader } from './setting-reader.ts';
import type { TrustedDocumentsConfiguration } from './trusted-documents.ts';

/** What decides about GraphiQL besides its settings. */
interface GraphiqlCircumstances {
  readonly isProduction: boolean;
  readonly trustedDocuments: TrustedDocumentsConfiguration | undefined;
  readonly issuer: IssuerConfiguration;
}

/** Settings of GraphiQL. */
export interface GraphiqlConfiguration {
  readonly graphiql: boolean;
  /** Client ID for signing in from GraphiQL; undefined for the local issuer's own client, if any. */
  readonly graphiqlClientId: string | undefined;
}

/** Reads whether there is a GraphiQL. It sends operations as text. */
export function readGraphiql(
  reader: SettingReader,
  { isProduction, trustedDocuments, issuer: { issuers } }: GraphiqlCircumstances,
): GraphiqlConfiguration {
  const isTextRefused = trustedDocuments?.mode === 'only';
  const set = reader.read('GRAPHIQL');
  if (set === 'on' && isTextRefused) {
    reader.addProblem(
      'GRAPHIQL',
      'sends operations as text, and only trusted documents are run: set it to off, or TRUSTED_DOCUMENTS_MODE=also',
    );
  }
  if (
    reader.isSet('GRAPHIQL_CLIENT_ID') &&
    issuers.length > 0 &&
    findSignInIssuer(issuers) === undefined
  ) {
    reader.addProblem(
      'GRAPHIQL_CLIENT_ID',
      'requires an issuer with a discovery document: set OIDC_DISCOVERY_URL, or keys.discovery in the file of ISSUERS, or remove it',
    );
  }
  return {
    graphiql: (set ?? (isProduction || isTextRefused ? 'off' : 'on')) === 'on',
    graphiqlClientId: reader.read('GRAPHIQL_CLIENT_ID'),
  };
}
