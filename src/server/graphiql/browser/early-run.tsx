import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';

/**
 * Runs the operation as soon as the editors have loaded, if Run was clicked before: until then,
 * GraphiQL shows the button, and ignores it.
 */
export function EarlyRun(): null {
  const { run } = useGraphiQLActions();
  const isReady = useGraphiQL(({ queryEditor, responseEditor }) =>
    Boolean(queryEditor && responseEditor),
  );
  const [isRequested, setRequested] = useState(false);
  useEffect(() => {
    if (isReady) return;
    const request = ({ target }: MouseEvent): void => {
      if (target instanceof Element && target.closest('.graphiql-execute-button')) {
        setRequested(true);
      }
    };
    document.addEventListener('click', request);
    return () => document.removeEventListener('click', request);
  }, [isReady]);
  useEffect(() => {
    if (!isReady || !isRequested) return;
    setRequested(false);
    run();
  }, [isReady, isRequested, run]);
  return null;
}
