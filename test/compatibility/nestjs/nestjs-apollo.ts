import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import {
  authDirective,
  createAuthenticator,
  guardSchema,
  publicDirective,
} from 'graphql-resource-server';
import { createApolloAuth } from 'graphql-resource-server/apollo-server';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { policies, Resolvers } from './resolvers.js';

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER ?? '',
  audience: process.env.OIDC_AUDIENCE ?? '',
  ...matrixOptions(), // matrix
});

const auth = createApolloAuth({ authenticator, limits /* matrix */ });

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      buildSchemaOptions: { directives: [authDirective, publicDirective] },
      transformSchema: (schema) => guardSchema(schema, { policies }),
      allowBatchedHttpRequests: true, // matrix
      includeStacktraceInErrorResponses: false, // matrix
      plugins: [auth.plugin],
      context: auth.context,
    }),
  ],
  providers: [Resolvers],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT), '127.0.0.1');
