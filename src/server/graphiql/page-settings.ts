import type { SignInSettings } from './sign-in-settings.ts';

/** What the server tells the page, as `settings.json`. None of it is secret. */
export interface PageSettings extends SignInSettings {
  /** The operations of the tabs. */
  readonly tabs: readonly string[];
  /** Whether the server explains access to the page: in development only. */
  readonly explainsAccess: boolean;
}
