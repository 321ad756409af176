import { guardSchema } from 'graphql-resource-server';

/** Guards a schema that any of the libraries built: fields without `@public` require a token. */
export function guardClosed(schema) {
  schema.extensions = { ...schema.extensions, directives: { auth: {} } };
  return guardSchema(schema);
}
