// GraphQL Yoga with its default options, and no authentication.
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolvers, typesWith } from './schema.js';
import { host, port } from './settings.js';

const yoga = createYoga({ schema: createSchema({ typeDefs: typesWith(''), resolvers }) });
createServer(yoga).listen(port, host);
