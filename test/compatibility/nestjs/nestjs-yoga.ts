import { YogaDriver, type YogaDriverConfig } from '@graphql-yoga/nestjs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import {
  authDirective,
  createAuthenticator,
  guardSchema,
  publicDirective,
} from 'graphql-resource-server';
import { useAuth } from 'graphql-resource-server/yoga';
import { limits, matrixOptions } from './matrix-options.js'; // matrix
import { policies, Resolvers } from './resolvers.js';

const authenticator = createAuthenticator({
  issuer: process.env.OIDC_ISSUER ?? '',
  audience: process.env.OIDC_AUDIENCE ?? '',
  ...matrixOptions(), // matrix
});

@Module({
  imports: [
    GraphQLModule.forRoot<YogaDriverConfig>({
      driver: YogaDriver,
      autoSchemaFile: true,
      buildSchemaOptions: { directives: [authDirective, publicDirective] },
      transformSchema: (schema) => guardSchema(schema, { policies }),
      batching: true, // matrix
      plugins: [useAuth({ authenticator, limits /* matrix */ })],
    }),
  ],
  providers: [Resolvers],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT), '127.0.0.1');
