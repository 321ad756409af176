import { createHash } from 'node:crypto';
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
  /** One line below, in plain text. */
  readonly footer: string;
  /** Where forms may lead, as the policy names it (CSP, form-action). */
  readonly formAction: string;
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** A page in the project's one look: no script, nothing from elsewhere. */
export function renderPlainPage({ title, body, footer, formAction }: PageContent): Page {
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
<footer>${escapeHtml(footer)}</footer>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    `form-action ${formAction}`,
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
