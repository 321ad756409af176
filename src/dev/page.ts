import { createHash } from 'node:crypto';
import { isLoopbackUrl } from './loopback.ts';
import { pageStyle } from './page-style.ts';

/** A whole answer for a browser. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a page is made of. */
export interface PageContent {
  readonly title: string;
  /** HTML; whoever wrote it has escaped what came from outside. */
  readonly body: string;
  /** Where a form's answer may lead to in the end, beside the issuer itself. */
  readonly formLeadsTo?: unknown;
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** A page in the issuer's one look: no script, nothing from elsewhere. */
export function renderPage({ title, body, formLeadsTo }: PageContent): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
<footer>Local issuer, for development only</footer>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    `form-action 'self'${formTarget(formLeadsTo)}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
    },
  };
}

/** Text as HTML shows it, in elements and in quoted attributes; nothing for what is no text. */
export function escapeHtml(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

// Browsers hold a form's redirects to form-action too, so the client's origin must be in it. A
// policy cannot name an IPv6 address; there its scheme must do.
function formTarget(value: unknown): string {
  if (typeof value !== 'string' || !isLoopbackUrl(value)) return '';
  const url = new URL(value);
  return url.hostname === '[::1]' ? ` ${url.protocol}` : ` ${url.origin}`;
}
