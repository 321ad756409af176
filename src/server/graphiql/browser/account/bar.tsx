import {
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Message } from '../messages.ts';
import { RunAsSelect } from '../run-as/run-as-select.tsx';
import type { Account, Scheme } from '../session.ts';
import { usePage, usePageState } from '../use-page.ts';
import { Scopes } from './scopes.tsx';
import { TokenInspector } from './token-inspector.tsx';
import './bar.css';

const schemes: readonly Scheme[] = ['Bearer', 'DPoP'];

/** How many scopes the bar shows; the token inspector shows all. */
const shownScopes = 3;

/** Shown instead of a message, so that nothing moves when there is one. */
const hint = 'The schema says who may read each field. Run an operation to see what you get.';

/** The bar above GraphiQL: the signed-in account, and one message. */
export function Bar(): ReactNode {
  const { account } = usePageState();
  const header = useKeptFocus();
  return (
    <header id="bar" ref={header}>
      <h1>GraphiQL</h1>
      <section className="account" aria-label="Account">
        <RunAsSelect />
        {account && <SignedIn {...account} />}
      </section>
      <Actions />
      <MessageLine />
    </header>
  );
}

function SignedIn(account: Account): ReactNode {
  const { scopes = [], expiresAt } = account;
  const [isInspected, setInspected] = useState(false);
  const folded = scopes.length - shownScopes;
  const inspect = (): void => setInspected(true);
  return (
    <>
      {scopes.length > 0 && (
        // A lone folded scope takes no more room than the button.
        <Scopes scopes={folded > 1 ? scopes.slice(0, shownScopes) : scopes}>
          {folded > 1 && (
            <button type="button" aria-label={`${folded} more scopes`} onClick={inspect}>
              +{folded}
            </button>
          )}
        </Scopes>
      )}
      <span className="end">
        {account.scopes?.length === 0 && 'no scopes'}
        {account.scopes?.length === 0 && expiresAt && ', '}
        {expiresAt && <Expiry at={expiresAt} />}
      </span>
      <button type="button" title="What the access token says" onClick={inspect}>
        Token
      </button>
      {isInspected && <TokenInspector account={account} onClose={() => setInspected(false)} />}
    </>
  );
}

function Expiry({ at }: { readonly at: Date }): ReactNode {
  return (
    <>
      until{' '}
      <time dateTime={at.toISOString()} title={at.toLocaleString()}>
        {at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}
      </time>
    </>
  );
}

function Actions(): ReactNode {
  const page = usePage();
  const { account, scheme, cancelSignIn } = usePageState();
  const { session, settings } = page;
  const isWaiting = cancelSignIn !== undefined;
  // Not `disabled`, which would lose the focus.
  const waiting = isWaiting ? ({ 'aria-disabled': true } as const) : {};
  return (
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
        data-takes-focus="2"
        hidden={account === undefined}
        onClick={() => isWaiting || page.signOut()}
        {...waiting}
      >
        Sign out
      </button>
    </section>
  );
}

function MessageLine(): ReactNode {
  const page = usePage();
  const { message, cancelSignIn } = usePageState();
  const isWaiting = cancelSignIn !== undefined;
  const action = message?.action;
  const act = (chosen: Message['action']): void => {
    if (!chosen) return;
    if ('request' in chosen) page.signIn(chosen.request);
    else page.store.set({ runAgain: chosen.operation, message: undefined });
  };
  return (
    <div className="message">
      <p role="status">{message?.text}</p>
      {message === undefined && <p className="hint">{hint}</p>}
      <button
        type="button"
        className="main"
        hidden={!action || isWaiting}
        onClick={() => act(action)}
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
