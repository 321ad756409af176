import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // ../shared has no node_modules: its packages come from this folder's.
  resolve: {
    dedupe: [
      '@0no-co/graphql.web',
      'gql.tada',
      'graphql-ws',
      'oidc-client-ts',
      'react',
      'react-dom',
    ],
  },
  server: { fs: { allow: ['.', '../shared'] } },
});
