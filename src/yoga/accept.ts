/**
 * Of the media types that a server offers, those that the value of an Accept header takes, best
 * first: by quality, then by the order of the header, then by the order of the offer (RFC 9110
 * §12.4.2 and §12.5.1). Without a value, or with an empty list, all of them.
 *
 * The most specific range that matches a type decides about it: `application/json;q=0` refuses JSON
 * whatever else the header takes. Ranges with a charset other than UTF-8 match nothing; other parameters
 * are ignored.
 *
 * @param offered In lower case, without parameters.
 */
export function acceptedTypes<Type extends string>(
  accept: string | null | undefined,
  offered: readonly Type[],
): readonly Type[] {
  const ranges = (accept ?? '').split(',').filter((text) => text.trim() !== '');
  if (ranges.length === 0) return offered;
  const best = new Map<Type, Match>();
  ranges.forEach((text, position) => {
    const range = readRange(text);
    if (range === undefined) return;
    for (const type of offered) {
      const specificity = specificityOf(range.name, type);
      if (specificity === 0) continue;
      const before = best.get(type);
      const isBetter =
        before === undefined ||
        specificity > before.specificity ||
        (specificity === before.specificity && range.quality > before.quality);
      if (isBetter) best.set(type, { specificity, quality: range.quality, position });
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

interface Match {
  readonly specificity: number;
  readonly quality: number;
  readonly position: number;
}

function readRange(text: string): { readonly name: string; readonly quality: number } | undefined {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  let quality = 1;
  for (const parameter of parameters) {
    const [key = '', value = ''] = parameter.split('=', 2).map((part) => part.trim());
    if (key === 'charset' && value.replaceAll('"', '') !== 'utf-8') return undefined;
    if (key === 'q') quality = readQuality(value);
  }
  return { name, quality };
}

/** A quality that cannot be read counts as none given. */
function readQuality(text: string): number {
  const quality = text === '' ? 1 : Number(text);
  return Number.isNaN(quality) ? 1 : Math.min(Math.max(quality, 0), 1);
}

/** 0 where a range does not match a type. */
function specificityOf(range: string, type: string): 0 | 1 | 2 | 3 {
  if (range === type) return 3;
  if (range === '*/*') return 1;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1)) ? 2 : 0;
}
