import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe runs, and where it puts itself. */
declare const window: { readonly axe: typeof axe };

/**
 * Runs axe on a page.
 *
 * @param excluded Selectors of what is not ours to fix.
 * @returns One line for each element that violates a rule.
 */
export async function findViolations(
  page: Page,
  excluded: readonly string[] = [],
): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async (exclude) => {
    const { violations } = await window.axe.run({ exclude: [...exclude] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
    );
  }, excluded);
}
