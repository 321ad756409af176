import { isObject } from '../is-object.ts';

/** A line of a response: a field and its value, or what was refused of it. */
export interface ResultLine {
  /** The path of the field, with `.` between its parts. */
  readonly path: string;
  readonly depth: number;
  readonly name: string;
  /** Undefined for a field with fields, which follow. */
  readonly value: string | undefined;
  /** Whether the value is what is missing, instead of data. */
  readonly isRefused: boolean;
}

/** More are not compared. */
const maxLines = 1_000;

/**
 * The fields of a response, with the errors at their places: `null: admin:write` for a field that is null
 * because a scope is missing, and `refused: admin:write` if there is no data at all.
 *
 * @param body The response, from the server.
 */
export function resultLines(body: unknown): readonly ResultLine[] {
  if (!isObject(body)) return [];
  const missing = missingByPath(body['errors']);
  const { data } = body;
  if (isObject(data)) {
    const lines: ResultLine[] = [];
    addFields(lines, data, [], missing);
    return lines;
  }
  return [...missing].slice(0, maxLines).map(([path, what]) => ({
    path,
    depth: 0,
    name: path,
    value: `refused: ${what}`,
    isRefused: true,
  }));
}

/**
 * The paths whose values are not the same in all results that have them, apart from refusals, which say
 * it themselves.
 */
export function differingPaths(results: readonly (readonly ResultLine[])[]): ReadonlySet<string> {
  const values = new Map<string, string>();
  const differing = new Set<string>();
  for (const { path, value, isRefused } of results.flat()) {
    if (value === undefined || isRefused) continue;
    const other = values.get(path);
    if (other !== undefined && other !== value) differing.add(path);
    values.set(path, value);
  }
  return differing;
}

function addFields(
  lines: ResultLine[],
  fields: object,
  parent: readonly string[],
  missing: ReadonlyMap<string, string>,
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (lines.length >= maxLines) return;
    const path = [...parent, name];
    const key = path.join('.');
    const refusal = missing.get(key);
    const line = { path: key, depth: parent.length, name };
    if (value === null && refusal !== undefined) {
      lines.push({ ...line, value: `null: ${refusal}`, isRefused: true });
    } else if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
      lines.push({ ...line, value: JSON.stringify(value), isRefused: false });
    } else {
      lines.push({ ...line, value: undefined, isRefused: false });
      addFields(lines, value, path, missing);
    }
  }
}

/** What is missing at the path of each error. */
function missingByPath(errors: unknown): ReadonlyMap<string, string> {
  const missing = new Map<string, string>();
  if (!Array.isArray(errors)) return missing;
  for (const error of errors) {
    if (isObject(error) && Array.isArray(error['path'])) {
      missing.set(error['path'].join('.'), describeMissing(error));
    }
  }
  return missing;
}

function describeMissing({ extensions, message }: Readonly<Record<string, unknown>>): string {
  const { code, scope, acr, maxAge } = isObject(extensions) ? extensions : {};
  if (acr !== undefined || maxAge !== undefined) return 'a stronger sign-in';
  if (code === 'UNAUTHENTICATED') return 'sign-in';
  if (typeof scope === 'string') return scope;
  return code === 'FORBIDDEN' ? 'not allowed' : String(message);
}

/** The messages of the errors, each once. */
export function errorMessages(body: unknown): readonly string[] {
  if (!isObject(body) || !Array.isArray(body['errors'])) return [];
  const messages = body['errors'].map((error: unknown) =>
    isObject(error) ? String(error['message']) : '',
  );
  return [...new Set(messages)].slice(0, 20);
}
