import { type Page, renderPlainPage } from '../shared/page.ts';
import { isLoopbackUrl } from './loopback.ts';

/** What a page of the issuer is made of. */
export interface IssuerPageContent {
  readonly title: string;
  /** HTML; whoever wrote it has escaped what came from outside. */
  readonly body: string;
  /** Where a form's answer may lead to in the end, beside the issuer itself. */
  readonly formLeadsTo?: unknown;
}

/** A page of the local issuer. */
export function renderPage({ title, body, formLeadsTo }: IssuerPageContent): Page {
  return renderPlainPage({
    title,
    body,
    footer: 'Local issuer, for development only',
    formAction: `'self'${formTarget(formLeadsTo)}`,
  });
}

// Browsers hold a form's redirects to form-action too, so the client's origin must be in it. A
// policy cannot name an IPv6 address; there its scheme must do.
function formTarget(value: unknown): string {
  if (typeof value !== 'string' || !isLoopbackUrl(value)) return '';
  const url = new URL(value);
  return url.hostname === '[::1]' ? ` ${url.protocol}` : ` ${url.origin}`;
}
