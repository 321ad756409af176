/** @import { Note } from './sentences.js' */
/** @import { Person, Scheme, Wish } from './session.js' */

/**
 * What the bar can ask for.
 *
 * @typedef {object} BarOptions
 * @property {'off' | 'optional' | 'required'} dpop
 * @property {boolean} canSignIn
 * @property {(wish: Wish) => unknown} signIn
 * @property {() => unknown} signOut
 * @property {(scheme: Scheme) => unknown} choose
 */

/** @type {readonly Scheme[]} */
const schemes = ['Bearer', 'DPoP'];

/** The bar above GraphiQL: who is signed in, and one line of what there is to say. */
export class Bar {
  #options;
  #who = element('strong', { className: 'who' });
  #scopes = element('ul', { className: 'scopes', ariaLabel: 'Scopes' });
  #end = element('span', { className: 'end' });
  #signIn = element('button', { type: 'button', className: 'main' }, 'Sign in');
  #switch = element('button', { type: 'button' }, 'Switch');
  #signOut = element('button', { type: 'button' }, 'Sign out');
  #sentence = element('p', { role: 'status' });
  #offer = element('button', { type: 'button', className: 'main' });
  #cancel = element('button', { type: 'button' }, 'Cancel');
  #dismiss = element('button', { type: 'button', className: 'dismiss', ariaLabel: 'Dismiss' }, '×');
  #radios;
  #schemeField;
  /** @type {Scheme | undefined} */
  #scheme;
  #isWaiting = false;
  /** What of the bar was last used.
   * @type {EventTarget | null} */
  #focused = null;

  /**
   * @param {Element | null} place Where it stands.
   * @param {BarOptions} options
   */
  constructor(place, options) {
    this.#options = options;
    this.#radios = schemes.map((scheme) =>
      element('input', {
        type: 'radio',
        name: 'scheme',
        value: scheme,
        disabled: isImpossible(scheme, options.dpop),
        onchange: () => (this.#isWaiting ? this.#check() : options.choose(scheme)),
      }),
    );
    this.#schemeField = element(
      'fieldset',
      { className: 'scheme', title: 'DPoP binds the token to a key of this browser.' },
      element('legend', {}, 'How the token is sent'),
      ...this.#radios.map((radio) => element('label', {}, radio, element('span', {}, radio.value))),
    );
    this.#schemeField.hidden = !options.canSignIn;
    this.#switch.title = 'Sign in as somebody else';
    this.#signIn.onclick = () => this.#isWaiting || options.signIn({});
    this.#switch.onclick = () => this.#isWaiting || options.signIn({});
    this.#signOut.onclick = () => this.#isWaiting || options.signOut();
    this.#dismiss.onclick = () => this.say(undefined);
    place?.append(
      element(
        'section',
        { className: 'person', ariaLabel: 'Signed in' },
        this.#who,
        this.#scopes,
        this.#end,
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
        { className: 'note' },
        this.#sentence,
        this.#offer,
        this.#cancel,
        this.#dismiss,
      ),
    );
    place?.addEventListener('focusin', ({ target }) => {
      this.#focused = target;
    });
    this.show(undefined);
    this.wait(undefined);
    this.say(undefined);
  }

  /** @param {Person | undefined} person */
  show(person) {
    this.#who.textContent = person?.name ?? 'Not signed in';
    this.#scopes.replaceChildren(
      ...(person?.scopes ?? []).map((scope) => element('li', {}, element('code', {}, scope))),
    );
    this.#scopes.hidden = person === undefined || person.scopes?.length === 0;
    this.#end.replaceChildren(...(person ? describe(person) : []));
    this.#signIn.hidden = person !== undefined || !this.#options.canSignIn;
    this.#switch.hidden = person === undefined;
    this.#signOut.hidden = person === undefined;
    this.#keepFocus();
  }

  /** @param {Scheme} scheme */
  choose(scheme) {
    this.#scheme = scheme;
    this.#check();
  }

  #check() {
    for (const radio of this.#radios) radio.checked = radio.value === this.#scheme;
  }

  /** Whoever works by keyboard stays in the bar when what they used goes away. */
  #keepFocus() {
    const used = this.#focused;
    if (!(used instanceof HTMLElement) || !used.hidden) return;
    if (document.activeElement !== used && document.activeElement !== document.body) return;
    [this.#cancel, this.#signOut, this.#signIn].find((button) => !button.hidden)?.focus();
  }

  /** @param {Note | undefined} note */
  say(note) {
    const { sentence = '', offer } = note ?? {};
    this.#sentence.textContent = sentence;
    this.#offer.hidden = offer === undefined;
    this.#offer.textContent = offer?.label ?? '';
    this.#offer.onclick = () => offer && this.#options.signIn(offer.wish);
    this.#dismiss.hidden = note === undefined || this.#isWaiting;
    this.#keepFocus();
  }

  /**
   * Waits for the other window; undefined when that is over.
   *
   * @param {(() => void) | undefined} cancel
   */
  wait(cancel) {
    this.#isWaiting = cancel !== undefined;
    // Not `disabled`, which would take the focus away.
    for (const control of [this.#signIn, this.#switch, this.#signOut, this.#schemeField]) {
      control.ariaDisabled = this.#isWaiting ? 'true' : null;
    }
    this.#cancel.hidden = !this.#isWaiting;
    this.#cancel.onclick = cancel ?? null;
    if (cancel) this.say({ sentence: 'Sign in in the window that has opened.' });
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
 * What the token permits, where it is nothing or unknown, and when it ends.
 *
 * @param {Person} person
 * @returns {(string | Node)[]}
 */
function describe({ scopes, endsAt }) {
  const permits = scopes?.length === 0 ? 'no scopes' : '';
  if (!endsAt) return [permits];
  const time = endsAt.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return [
    `${permits ? `${permits}, ` : ''}until `,
    element('time', { dateTime: endsAt.toISOString(), title: endsAt.toLocaleString() }, time),
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
