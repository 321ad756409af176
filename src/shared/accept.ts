/**
 * Selects the offered media types that an Accept header accepts, best first: by quality, then by
 * their order in the header, then by their order in the offer (RFC 9110 §12.4.2 and §12.5.1).
 * Without a header, or if it is empty, all of them.
 *
 * The most specific range that matches a type decides: `application/json;q=0` rejects JSON, whatever
 * else the header accepts. Ranges with a charset other than UTF-8 match nothing. Other parameters
 * are ignored, and so are ranges beyond the first 100.
 *
 * @param offered In lower case, without parameters.
 */
export function acceptedTypes<Type extends string>(
  accept: string | null | undefined,
  offered: readonly Type[],
): readonly Type[] {
  const ranges = (accept ?? '')
    .toLowerCase()
    .split(',')
    .filter((text) => text !== '' && text.trim() !== '')
    .slice(0, maxRanges);
  if (ranges.length === 0) return offered;
  const best = new Map<Type, Match>();
  ranges.forEach((range, position) => {
    const [name = ''] = range.split(';', 1);
    const matched = offered.filter((type) => specificityOf(name.trim(), type) > 0);
    const quality = matched.length === 0 ? undefined : qualityOf(range);
    if (quality === undefined) return;
    for (const type of matched) {
      const specificity = specificityOf(name.trim(), type);
      const before = best.get(type);
      const isBetter =
        before === undefined ||
        specificity > before.specificity ||
        (specificity === before.specificity && quality > before.quality);
      if (isBetter) best.set(type, { specificity, quality, position });
    }
  });
  return [...best]
    .filter(([, { quality }]) => quality > 0)
    .sort(
      ([a, first], [b, second]) =>
        second.quality - first.quality ||
        first.position - second.position ||
        offered.indexOf(a) - offered.indexOf(b),
    )
    .map(([type]) => type);
}

/** Ranges of a header that are read. */
const maxRanges = 100;

interface Match {
  readonly specificity: number;
  readonly quality: number;
  readonly position: number;
}

/** The quality of a range; undefined if its charset is not UTF-8. */
function qualityOf(range: string): number | undefined {
  let quality = 1;
  for (const parameter of range.split(';').slice(1)) {
    const equals = parameter.indexOf('=');
    if (equals === -1) continue;
    const name = parameter.slice(0, equals).trim();
    const value = parameter.slice(equals + 1).trim();
    if (name === 'charset' && value.replaceAll('"', '') !== 'utf-8') return undefined;
    if (name === 'q') quality = readQuality(value);
  }
  return quality;
}

/** Invalid qualities count as 1. */
function readQuality(text: string): number {
  const quality = text === '' ? 1 : Number(text);
  return Number.isNaN(quality) ? 1 : Math.min(Math.max(quality, 0), 1);
}

/** 0 if a range does not match a type. */
function specificityOf(range: string, type: string): 0 | 1 | 2 | 3 {
  if (range === type) return 3;
  if (range === '*/*') return 1;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1)) ? 2 : 0;
}
