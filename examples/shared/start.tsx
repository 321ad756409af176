import { type ComponentType, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { auth } from './session.ts';
import './style.css';

/** Completes a pending sign-in, then renders the app. */
export async function start(App: ComponentType): Promise<void> {
  // Before rendering: a code can be redeemed only once, and React can run effects twice.
  await auth.restore();
  const root = document.getElementById('root');
  if (root === null) return;
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
