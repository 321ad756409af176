import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './graphiql.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createPage } from './page.ts';
import { loadSettings } from './settings.ts';
import { PageContext } from './use-page.ts';
import { installWorkers } from './workers.ts';

installWorkers();
const root = document.querySelector('#root');
if (!root) throw new Error('The page has no #root.');
try {
  const settings = await loadSettings(new URL('graphiql/settings.json', document.baseURI));
  createRoot(root).render(
    <PageContext value={createPage(settings)}>
      <App />
    </PageContext>,
  );
} catch (error) {
  root.textContent = 'GraphiQL could not be loaded. Reload the page, or see the server log.';
  throw error;
}
