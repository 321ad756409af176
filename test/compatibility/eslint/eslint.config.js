import graphql from '@graphql-eslint/eslint-plugin';
import * as access from 'graphql-resource-server/eslint';

export default [
  {
    files: ['**/*.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: './*.graphql' } },
    },
    plugins: { access },
    rules: { 'access/decided-fields': 'error' },
  },
];
