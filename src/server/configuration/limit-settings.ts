import { defaultOperationLimits, type OperationLimits } from '../../limits/operation-limits.ts';
import { type Setting, setting } from './setting.ts';
import { oneOf, wholeNumber } from './setting-parsers.ts';
import type { SettingReader } from './setting-reader.ts';

const limitSetting = (limited: string, fallback: number, max: number): Setting<number> =>
  setting<number>({
    description: `${limited}, from 1 to ${max}. See docs/limits.md.`,
    default: String(fallback),
    fallback,
    example: String(fallback * 2),
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: max }),
  });

const { cost, depth, aliases, rootFields, directives, introspectionLists, introspectionDepth } =
  defaultOperationLimits;

/** Limits of operations. */
export const limitSettings = {
  MAX_COST: limitSetting(
    'Maximum cost of an operation, by @cost and @listSize',
    cost,
    1_000_000_000,
  ),
  MAX_DEPTH: limitSetting('Maximum levels of fields in an operation', depth, 100),
  MAX_ALIASES: limitSetting('Maximum number of aliases in an operation', aliases, 2_000),
  MAX_ROOT_FIELDS: limitSetting('Maximum number of root fields of an operation', rootFields, 2_000),
  MAX_DIRECTIVES: limitSetting('Maximum number of directives in an operation', directives, 2_000),
  MAX_INTROSPECTION_LISTS: limitSetting(
    'Maximum number of lists of introspection in an operation',
    introspectionLists,
    2_000,
  ),
  MAX_INTROSPECTION_DEPTH: limitSetting(
    'Maximum levels of lists of introspection in an operation',
    introspectionDepth,
    100,
  ),
  LIMITS: setting<'enforce' | 'measure'>({
    description:
      'What the limits of operations do: enforce (refuse what exceeds one) or measure (only report it).',
    default: 'enforce',
    fallback: 'enforce',
    example: 'measure',
    usedBy: 'server',
    parse: oneOf('enforce', 'measure'),
  }),
} as const;

/** Reads the limits of operations. */
export function readOperationLimits(reader: SettingReader): OperationLimits {
  return {
    cost: reader.read('MAX_COST'),
    depth: reader.read('MAX_DEPTH'),
    aliases: reader.read('MAX_ALIASES'),
    rootFields: reader.read('MAX_ROOT_FIELDS'),
    directives: reader.read('MAX_DIRECTIVES'),
    introspectionLists: reader.read('MAX_INTROSPECTION_LISTS'),
    introspectionDepth: reader.read('MAX_INTROSPECTION_DEPTH'),
    mode: reader.read('LIMITS'),
  };
}
