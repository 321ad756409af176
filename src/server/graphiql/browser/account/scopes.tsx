import type { ReactNode } from 'react';

/** A list of scopes. */
export function Scopes({
  scopes,
  children,
}: {
  readonly scopes: readonly string[];
  /** What follows them in the list. */
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <ul className="scopes" aria-label="Scopes">
      {scopes.map((scope) => (
        <li key={scope}>
          <code>{scope}</code>
        </li>
      ))}
      {children && <li>{children}</li>}
    </ul>
  );
}
