import { hostWithin, isHostName } from './setting-host.ts';
import { accept, type Parser, refuse } from './setting-parser.ts';
import { show } from './setting-text.ts';

/** An Auth0 tenant's domain, or its custom domain: lower-case, nothing before or after it. */
export const auth0Domain: Parser<string> = (text) => {
  if (isBareDomain(text)) return accept(text);
  if (text.includes(',')) {
    return refuse(`${show(text)} must be one domain: several issuers go into OIDC_ISSUER`);
  }
  const mended = hostWithin(text);
  return refuse(
    mended !== undefined && isBareDomain(mended)
      ? `${show(text)} must be the bare domain: ${mended}`
      : `${show(text)} must be the bare domain of the tenant, such as example.eu.auth0.com`,
  );
};

function isBareDomain(text: string): boolean {
  return isHostName(text) && text.includes('.') && text === text.toLowerCase();
}
