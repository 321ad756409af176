import { createHash } from 'node:crypto';
import { pageStyle } from './page-style.ts';

/** An HTML page with its response headers. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Options for a page. */
export interface PageOptions {
  readonly title: string;
  /** HTML; the caller has escaped what came from outside. */
  readonly body: string;
  /** One line below the content, in plain text. */
  readonly footer: string;
  /** The sources of the CSP directive form-action. */
  readonly formAction: string;
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** Renders a page in the common style, without scripts or external resources. */
export function renderPage({ title, body, footer, formAction }: PageOptions): Page {
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

/** Escapes text for elements and quoted attributes; empty for anything but a string. */
export function escapeHtml(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
