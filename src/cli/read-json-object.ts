import { UsageError } from './command-error.ts';

/**
 * The value of `--variables`.
 *
 * @throws UsageError when it is no JSON object.
 */
export function readJsonObject(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  const wrong = new UsageError(`--variables must be a JSON object, such as '{"id": 1}'.`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong;
    return { ...value };
  } catch {
    throw wrong;
  }
}
