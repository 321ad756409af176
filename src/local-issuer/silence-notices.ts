import { stripVTControlCharacters } from 'node:util';

/**
 * Keeps the notices of oidc-provider off the console until the returned function is called. They
 * tell whoever runs it in production to change it; nobody runs this in production. All other output
 * passes through untouched.
 */
export function silenceNotices(): () => void {
  const { info, warn } = console;
  console.info = (...values: unknown[]) => {
    if (!isNotice(values[0])) info.apply(console, values);
  };
  console.warn = (...values: unknown[]) => {
    if (!isNotice(values[0])) warn.apply(console, values);
  };
  return () => {
    console.info = info;
    console.warn = warn;
  };
}

function isNotice(value: unknown): boolean {
  // On a terminal the notices are coloured.
  return typeof value === 'string' && stripVTControlCharacters(value).startsWith('oidc-provider ');
}
