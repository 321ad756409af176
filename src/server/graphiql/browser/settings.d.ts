import type { SignInSettings } from '../sign-in-settings.ts';

/** Written by the server when it is asked for. */
declare const settings: SignInSettings;
export default settings;
