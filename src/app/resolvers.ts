import type { IResolvers } from '@graphql-tools/utils';
import type { Viewer } from '../authentication/viewer.ts';
import type { AuthContext } from '../yoga/use-auth.ts';

interface Greeting {
  readonly message: string;
  readonly subject: string | null;
}

/** Who may read which field is said in schema.graphql, and nowhere here. */
export const resolvers: IResolvers<unknown, AuthContext> = {
  Query: {
    public: (_source, _args, { viewer }) =>
      greet('Hello from a field that is open to all.', viewer),
    private: (_source, _args, { viewer }) =>
      greet('Hello from a field for everybody with an access token.', viewer),
    privateScoped: (_source, _args, { viewer }) =>
      greet('Hello from a field for those who may read messages.', viewer),
    admin: (_source, _args, { viewer }) =>
      greet('Hello from a field for those who administer.', viewer),
    viewer: (_source, _args, { viewer }) =>
      viewer.kind === 'authenticated'
        ? {
            subject: viewer.subject,
            scopes: [...viewer.scopes].sort(),
            expiresAt: viewer.expiresAt.toISOString(),
          }
        : null,
  },
};

function greet(message: string, viewer: Viewer): Greeting {
  return { message, subject: viewer.kind === 'authenticated' ? viewer.subject : null };
}
