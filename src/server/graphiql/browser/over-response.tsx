import { type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

/** Shows its children above the response of GraphiQL, which has no place for them of its own. */
export function OverResponse({ children }: { readonly children?: ReactNode }): ReactNode {
  const [place, setPlace] = useState<HTMLElement>();
  useEffect(() => {
    const element = document.createElement('div');
    element.className = 'over-response';
    document.querySelector('.graphiql-response')?.prepend(element);
    setPlace(element);
    return () => element.remove();
  }, []);
  return place && createPortal(children, place);
}
