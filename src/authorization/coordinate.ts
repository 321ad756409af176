/** What a schema coordinate names: `Query.posts`, `Query.posts(filter:)` or `Role.ADMIN`. */
export interface Coordinate {
  readonly typeName: string;
  readonly memberName: string;
  readonly argumentName?: string;
}

/** Undefined where the text is no coordinate of a member or an argument. */
export function readCoordinate(text: string): Coordinate | undefined {
  const [, typeName, memberName, argumentName] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(text) ?? [];
  if (typeName === undefined || memberName === undefined) return undefined;
  return { typeName, memberName, ...(argumentName === undefined ? {} : { argumentName }) };
}
