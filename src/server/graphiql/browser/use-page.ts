import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Page } from './page.ts';
import type { PageState } from './page-state.ts';

/** Gives the page to its parts. */
export const PageContext = createContext<Page | undefined>(undefined);

/** The page that a part belongs to: its settings, session and actions. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('This is not inside a PageContext.');
  return page;
}

/** The state of the page; renders again when it changes. */
export function usePageState(): PageState {
  const { store } = usePage();
  return useSyncExternalStore(store.subscribe, store.get);
}
