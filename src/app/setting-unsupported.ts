/** A value, known from the plan of this server, that this version cannot honour. */
export interface UnsupportedSetting {
  readonly variable: string;
  readonly isUnsupported: (text: string) => boolean;
  /** What to do instead. */
  readonly mend: string;
}

/**
 * What is not there yet. Ignoring these would leave a server open that its operator believes to be
 * guarded, so they are faults until they work. Values are not repeated: a URL may hold a password.
 */
export const unsupportedSettings: readonly UnsupportedSetting[] = [
  {
    variable: 'DPOP',
    isUnsupported: (text) => text !== 'off',
    mend: 'leave it out or set it to off',
  },
  {
    variable: 'DPOP_NONCE',
    isUnsupported: (text) => text !== 'off',
    mend: 'leave it out or set it to off',
  },
  { variable: 'REDIS_URL', isUnsupported: () => true, mend: 'leave it out' },
];
