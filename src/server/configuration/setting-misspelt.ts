import { findNearestWord } from '../../shared/edit-distance.ts';
import { settings } from './settings.ts';

/**
 * Variables that are one letter, or the case, away from a setting, each with the setting: without
 * this, `REQUIRED_CLAIM=org_id` would be a check that never happens. Short names are left alone,
 * because the environment is shared with programs that have short names of their own.
 */
export function misspeltSettings(
  variables: readonly string[],
): readonly { readonly variable: string; readonly meant: string }[] {
  const names = Object.keys(settings);
  const confusable = names.filter((name) => name.includes('_') || name.length > 10);
  return variables.flatMap((variable) => {
    if (names.includes(variable)) return [];
    const meant = findNearestWord(variable, confusable, 1);
    return meant === undefined ? [] : [{ variable, meant }];
  });
}
