import { describeError, redact } from './describe-error.ts';

/**
 * Formats the error that prevented the start: one line with the fix if the cause is known, such as a
 * wrong setting, an invalid rule or a port in use; otherwise the whole stack.
 */
export function formatStartupError(error: unknown): string {
  if (!(error instanceof Error)) return describeError(error).message;
  const code = 'code' in error ? error.code : undefined;
  const port = 'port' in error ? ` ${error.port}` : '';
  if (code === 'EADDRINUSE') {
    return `Port${port} is already in use. Stop the other process, or set PORT.`;
  }
  if (code === 'EACCES' && 'port' in error) {
    return `Port${port} requires elevated privileges. Set PORT to one above 1023.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'HOST is not an address of this machine. Set it to one, such as 127.0.0.1.';
  }
  if (error.name === 'LocalIssuerError' && code === 'listen') {
    return `${error.message.split('. ')[0]}. The local issuer uses the port after PORT. Set PORT to another one.`;
  }
  if (code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('oidc-provider')) {
    return 'The local issuer is not part of a production install. Set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE), or install with npm ci.';
  }
  return selfExplanatory.has(error.name) ? error.message : redact(error.stack ?? error.message);
}

/** Errors whose messages state the cause and the fix. */
const selfExplanatory = new Set([
  'ConfigurationError',
  'DatabaseUnavailableError',
  'DatabaseUrlError',
  'MetricsPortError',
  'MigrationError',
  'SchemaRuleError',
  'LocalIssuerError',
  'WorkerError',
]);
