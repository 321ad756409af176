import { DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import type { ReactNode } from 'react';
import { EditorNotes } from './editor-notes.tsx';
import { LoadRules, LoadVerdicts } from './load-access.tsx';

export { accessPlugin } from './access-pane.tsx';
export { docsPlugin } from './doc-badges.tsx';

/** Width in pixels that leaves room for the pane beside the editors. */
const wide = 1_024;

/** Whether the pane is open at first: in a browser that does not know the page, if there is room. */
export const startsWithAccess = ({ length }: Pick<Storage, 'length'>): boolean =>
  length === 0 && window.innerWidth >= wide;

/** Shows what the rules allow before an operation runs, if the server explains it. */
export function Access(): ReactNode {
  return (
    <>
      <LoadVerdicts />
      <LoadRules />
      <EditorNotes />
      {/* GraphiQL has one for its own explorer only. */}
      <DocExplorerStore>{null}</DocExplorerStore>
    </>
  );
}
