import { clean, describeError } from './describe-error.ts';

/**
 * Why the server did not start, in one clear line where that is known: wrong settings, wrong
 * rules, a port that is taken. Anything else is a fault of ours, and is told whole.
 */
export function explainStartFault(error: unknown): string {
  if (!(error instanceof Error)) return describeError(error).message;
  const code = 'code' in error ? error.code : undefined;
  const port = 'port' in error ? ` ${error.port}` : '';
  if (code === 'EADDRINUSE') {
    return `The port${port} is taken: stop what listens there, or set PORT to another one.`;
  }
  if (code === 'EACCES' && 'port' in error) {
    return `The port${port} may not be used: set PORT to one above 1023.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'HOST is no address of this machine: set it to one, such as 127.0.0.1.';
  }
  if (error.name === 'LocalIssuerError' && code === 'listen') {
    return `${error.message.split('. ')[0]}. The local issuer takes the port after PORT: set PORT to another one.`;
  }
  if (code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('oidc-provider')) {
    return 'The local issuer is not part of a production install: set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE), or install with npm ci.';
  }
  return explained.has(error.name) ? error.message : clean(error.stack ?? error.message);
}

/** The families of errors that say what happened and the mend. */
const explained = new Set(['ConfigurationError', 'SchemaRuleError', 'LocalIssuerError']);
