import { documentSettings } from './document-settings.ts';
import { limitSettings } from './limit-settings.ts';
import { logSettings } from './log-settings.ts';
import { metricsSettings } from './metrics-settings.ts';
import { rateLimitSettings } from './rate-limit-settings.ts';
import { serverSettings } from './server-settings.ts';
import type { Setting } from './setting.ts';
import { shutdownSettings } from './shutdown-settings.ts';
import { timeoutSettings } from './timeout-settings.ts';
import { tokenSettings } from './token-settings.ts';
import { tracingSettings } from './tracing-settings.ts';

const rows = {
  ...tokenSettings,
  ...serverSettings,
  ...logSettings,
  ...shutdownSettings,
  ...documentSettings,
  ...tracingSettings,
  ...metricsSettings,
  ...rateLimitSettings,
  ...timeoutSettings,
  ...limitSettings,
};

/** The parsed value of each variable. */
export type SettingValues = {
  readonly [Name in keyof typeof rows]: (typeof rows)[Name] extends Setting<infer Value>
    ? Value
    : never;
};

/** The name of a variable. */
export type SettingName = keyof SettingValues;

/**
 * Every setting, in the order of the documentation. `.env.example` and docs/configuration.md are
 * made from this table.
 */
export const settings: { readonly [Name in SettingName]: Setting<SettingValues[Name]> } = rows;
