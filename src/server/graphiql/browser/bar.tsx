import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { Account, Scheme } from './session.ts';
import { usePage, usePageState } from './use-page.ts';

const schemes: readonly Scheme[] = ['Bearer', 'DPoP'];

/** The bar above GraphiQL: the signed-in account, and one message. */
export function Bar(): ReactNode {
  const page = usePage();
  const { account, scheme, message, cancelSignIn } = usePageState();
  const { session, settings } = page;
  const isWaiting = cancelSignIn !== undefined;
  // Not `disabled`, which would lose the focus.
  const waiting = isWaiting ? ({ 'aria-disabled': true } as const) : {};
  const action = message?.action;
  const header = useKeptFocus();
  return (
    <header id="bar" ref={header}>
      <section className="account" aria-label="Signed in">
        <strong className="who">{account?.name ?? 'Not signed in'}</strong>
        <ul
          className="scopes"
          aria-label="Scopes"
          hidden={!account || account.scopes?.length === 0}
        >
          {(account?.scopes ?? []).map((scope) => (
            <li key={scope}>
              <code>{scope}</code>
            </li>
          ))}
        </ul>
        <span className="end">{account && <Expiry {...account} />}</span>
      </section>
      <section className="actions" aria-label="Sign-in">
        <fieldset
          className="scheme"
          title="DPoP binds the token to a key of this browser."
          hidden={!session}
          {...waiting}
        >
          <legend>Token type</legend>
          {schemes.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="scheme"
                value={one}
                checked={one === scheme}
                disabled={settings.dpop === (one === 'DPoP' ? 'off' : 'required')}
                onChange={() => isWaiting || page.selectScheme(one)}
              />
              <span>{one}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          className="main"
          data-takes-focus="3"
          hidden={!session || account !== undefined}
          onClick={() => isWaiting || page.signIn({})}
          {...waiting}
        >
          Sign in
        </button>
        <button
          type="button"
          title="Sign in with another account"
          hidden={account === undefined}
          onClick={() => isWaiting || page.signIn({})}
          {...waiting}
        >
          Switch
        </button>
        <button
          type="button"
          data-takes-focus="2"
          hidden={account === undefined}
          onClick={() => isWaiting || page.signOut()}
          {...waiting}
        >
          Sign out
        </button>
      </section>
      <div className="message">
        <p role="status">{message?.text}</p>
        <button
          type="button"
          className="main"
          hidden={!action}
          onClick={() => action && page.signIn(action.request)}
        >
          {action?.label}
        </button>
        <button
          type="button"
          data-takes-focus="1"
          hidden={!isWaiting}
          onClick={() => cancelSignIn?.()}
        >
          Cancel
        </button>
        <button
          type="button"
          className="dismiss"
          aria-label="Dismiss"
          hidden={!message || isWaiting}
          onClick={() => page.store.set({ message: undefined })}
        >
          ×
        </button>
      </div>
    </header>
  );
}

/** When the token expires, and whether it has no scopes. */
function Expiry({ scopes, expiresAt }: Account): ReactNode {
  const noScopes = scopes?.length === 0 ? 'no scopes' : '';
  if (!expiresAt) return noScopes;
  return (
    <>
      {noScopes ? `${noScopes}, ` : ''}until{' '}
      <time dateTime={expiresAt.toISOString()} title={expiresAt.toLocaleString()}>
        {expiresAt.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}
      </time>
    </>
  );
}

/** Keeps the keyboard focus in the bar when the focused control is hidden. */
function useKeptFocus(): RefObject<HTMLElement | null> {
  const header = useRef<HTMLElement>(null);
  const focused = useRef<EventTarget>(null);
  useEffect(() => {
    const remember = ({ target }: FocusEvent): void => {
      focused.current = target;
    };
    const bar = header.current;
    bar?.addEventListener('focusin', remember);
    return () => bar?.removeEventListener('focusin', remember);
  }, []);
  useLayoutEffect(() => {
    const control = focused.current;
    if (!(control instanceof HTMLElement) || !control.hidden) return;
    if (document.activeElement !== control && document.activeElement !== document.body) return;
    const candidates = header.current?.querySelectorAll<HTMLElement>(
      '[data-takes-focus]:not([hidden])',
    );
    [...(candidates ?? [])]
      .sort((one, other) => Number(one.dataset['takesFocus']) - Number(other.dataset['takesFocus']))
      .at(0)
      ?.focus();
  });
  return header;
}
