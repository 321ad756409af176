/** @import { Message } from './messages.js' */
/** @import { Account, Scheme, SignInRequest } from './session.js' */

/**
 * Options for the bar.
 *
 * @typedef {object} BarOptions
 * @property {'off' | 'optional' | 'required'} dpop
 * @property {boolean} canSignIn
 * @property {(request: SignInRequest) => unknown} signIn
 * @property {() => unknown} signOut
 * @property {(scheme: Scheme) => unknown} selectScheme
 */

/** @type {readonly Scheme[]} */
const schemes = ['Bearer', 'DPoP'];

/** The bar above GraphiQL: the signed-in account, and one message. */
export class Bar {
  #options;
  #who = element('strong', { className: 'who' });
  #scopes = element('ul', { className: 'scopes', ariaLabel: 'Scopes' });
  #expiry = element('span', { className: 'end' });
  #signIn = element('button', { type: 'button', className: 'main' }, 'Sign in');
  #switch = element('button', { type: 'button' }, 'Switch');
  #signOut = element('button', { type: 'button' }, 'Sign out');
  #text = element('p', { role: 'status' });
  #action = element('button', { type: 'button', className: 'main' });
  #cancel = element('button', { type: 'button' }, 'Cancel');
  #dismiss = element('button', { type: 'button', className: 'dismiss', ariaLabel: 'Dismiss' }, '×');
  #radios;
  #schemeField;
  /** @type {Scheme | undefined} */
  #scheme;
  #isWaiting = false;
  /** The control that was last focused.
   * @type {EventTarget | null} */
  #focused = null;

  /**
   * @param {Element | null} parent
   * @param {BarOptions} options
   */
  constructor(parent, options) {
    this.#options = options;
    this.#radios = schemes.map((scheme) =>
      element('input', {
        type: 'radio',
        name: 'scheme',
        value: scheme,
        disabled: isImpossible(scheme, options.dpop),
        onchange: () => (this.#isWaiting ? this.#check() : options.selectScheme(scheme)),
      }),
    );
    this.#schemeField = element(
      'fieldset',
      { className: 'scheme', title: 'DPoP binds the token to a key of this browser.' },
      element('legend', {}, 'Token type'),
      ...this.#radios.map((radio) => element('label', {}, radio, element('span', {}, radio.value))),
    );
    this.#schemeField.hidden = !options.canSignIn;
    this.#switch.title = 'Sign in with another account';
    this.#signIn.onclick = () => this.#isWaiting || options.signIn({});
    this.#switch.onclick = () => this.#isWaiting || options.signIn({});
    this.#signOut.onclick = () => this.#isWaiting || options.signOut();
    this.#dismiss.onclick = () => this.showMessage(undefined);
    parent?.append(
      element(
        'section',
        { className: 'account', ariaLabel: 'Signed in' },
        this.#who,
        this.#scopes,
        this.#expiry,
      ),
      element(
        'section',
        { className: 'actions', ariaLabel: 'Sign-in' },
        this.#schemeField,
        this.#signIn,
        this.#switch,
        this.#signOut,
      ),
      element(
        'div',
        { className: 'message' },
        this.#text,
        this.#action,
        this.#cancel,
        this.#dismiss,
      ),
    );
    parent?.addEventListener('focusin', ({ target }) => {
      this.#focused = target;
    });
    this.showAccount(undefined);
    this.setWaiting(undefined);
    this.showMessage(undefined);
  }

  /** @param {Account | undefined} account */
  showAccount(account) {
    this.#who.textContent = account?.name ?? 'Not signed in';
    this.#scopes.replaceChildren(
      ...(account?.scopes ?? []).map((scope) => element('li', {}, element('code', {}, scope))),
    );
    this.#scopes.hidden = account === undefined || account.scopes?.length === 0;
    this.#expiry.replaceChildren(...(account ? describeAccount(account) : []));
    this.#signIn.hidden = account !== undefined || !this.#options.canSignIn;
    this.#switch.hidden = account === undefined;
    this.#signOut.hidden = account === undefined;
    this.#keepFocus();
  }

  /** @param {Scheme} scheme */
  selectScheme(scheme) {
    this.#scheme = scheme;
    this.#check();
  }

  #check() {
    for (const radio of this.#radios) radio.checked = radio.value === this.#scheme;
  }

  /** Keeps the keyboard focus in the bar when the focused control is hidden. */
  #keepFocus() {
    const control = this.#focused;
    if (!(control instanceof HTMLElement) || !control.hidden) return;
    if (document.activeElement !== control && document.activeElement !== document.body) return;
    [this.#cancel, this.#signOut, this.#signIn].find((button) => !button.hidden)?.focus();
  }

  /** @param {Message | undefined} message */
  showMessage(message) {
    const { text = '', action } = message ?? {};
    this.#text.textContent = text;
    this.#action.hidden = action === undefined;
    this.#action.textContent = action?.label ?? '';
    this.#action.onclick = () => action && this.#options.signIn(action.request);
    this.#dismiss.hidden = message === undefined || this.#isWaiting;
    this.#keepFocus();
  }

  /**
   * Shows that a sign-in window is open, with a way to cancel; undefined when it is closed.
   *
   * @param {(() => void) | undefined} cancel
   */
  setWaiting(cancel) {
    this.#isWaiting = cancel !== undefined;
    // Not `disabled`, which would lose the focus.
    for (const control of [this.#signIn, this.#switch, this.#signOut, this.#schemeField]) {
      control.ariaDisabled = this.#isWaiting ? 'true' : null;
    }
    this.#cancel.hidden = !this.#isWaiting;
    this.#cancel.onclick = cancel ?? null;
    if (cancel) this.showMessage({ text: 'Continue in the sign-in window.' });
    else this.#keepFocus();
  }
}

/**
 * @param {Scheme} scheme
 * @param {BarOptions['dpop']} dpop
 */
function isImpossible(scheme, dpop) {
  return dpop === (scheme === 'DPoP' ? 'off' : 'required');
}

/**
 * When the token expires, and whether it has no scopes.
 *
 * @param {Account} account
 * @returns {(string | Node)[]}
 */
function describeAccount({ scopes, expiresAt }) {
  const noScopes = scopes?.length === 0 ? 'no scopes' : '';
  if (!expiresAt) return [noScopes];
  const time = expiresAt.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return [
    `${noScopes ? `${noScopes}, ` : ''}until `,
    element('time', { dateTime: expiresAt.toISOString(), title: expiresAt.toLocaleString() }, time),
  ];
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {...(string | Node)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
