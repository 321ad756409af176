import { DocExplorer, useDocExplorer } from '@graphiql/plugin-doc-explorer';
import { DocsFilledIcon, DocsIcon, type GraphiQLPlugin, useGraphiQL } from '@graphiql/react';
import { type ReactNode, useLayoutEffect, useMemo, useRef } from 'react';
import { usePageState } from '../use-page.ts';
import { shortRule } from './describe-verdict.ts';
import { coordinatesOf } from './schema-rules.ts';

/** GraphiQL's documentation, in which each rule stands beside what it applies to. */
export const docsPlugin: GraphiQLPlugin = {
  title: 'Documentation Explorer',
  icon: () => {
    const isVisible = useGraphiQL(({ visiblePlugin }) => visiblePlugin === docsPlugin);
    return isVisible ? <DocsFilledIcon /> : <DocsIcon />;
  },
  content: DocsWithBadges,
};

/**
 * The explorer has no place for more than the schema says. Its elements get the rule as an attribute,
 * which React leaves alone and the style sheet shows.
 */
function DocsWithBadges(): ReactNode {
  const { rules: report } = usePageState();
  const stack = useDocExplorer();
  const schema = useGraphiQL((state) => state.schema);
  const isIntrospecting = useGraphiQL((state) => state.isIntrospecting);
  const place = useRef<HTMLDivElement>(null);
  const coordinates = useMemo(() => schema && coordinatesOf(schema), [schema]);
  const rules = useMemo(
    () => new Map(report?.rules.map(({ coordinate, rule }) => [coordinate, rule])),
    [report],
  );
  const current = stack.at(-1)?.def;
  useLayoutEffect(() => {
    const annotate = (): void => {
      if (place.current && !isIntrospecting) {
        showBadges(place.current, coordinates?.get(current), rules);
      }
    };
    annotate();
    // A click can show more: what is deprecated.
    const annotateLater = (): void => void requestAnimationFrame(annotate);
    document.addEventListener('click', annotateLater);
    return () => document.removeEventListener('click', annotateLater);
  }, [coordinates, current, rules, isIntrospecting]);
  return (
    <div ref={place} className="access-docs">
      <DocExplorer />
    </div>
  );
}

/** @param shown The coordinate whose documentation is shown: of a type or a field, if any. */
function showBadges(
  place: Element,
  shown: string | undefined,
  rules: ReadonlyMap<string, string>,
): void {
  const badge = (element: Element | null, coordinate: string | undefined): void => {
    const rule = coordinate === undefined ? undefined : rules.get(coordinate);
    if (!(element instanceof HTMLElement)) return;
    if (rule === undefined) {
      delete element.dataset['rule'];
      element.removeAttribute('title');
      return;
    }
    element.dataset['rule'] = shortRule(rule);
    element.title = rule;
  };
  badge(place.querySelector('.graphiql-doc-explorer-title'), shown);
  for (const name of place.querySelectorAll('.graphiql-doc-explorer-field-name')) {
    const field = shown === undefined ? undefined : `${shown}.${name.textContent}`;
    badge(name.parentElement, field);
    for (const argument of name.parentElement?.querySelectorAll(argumentName) ?? []) {
      badge(argument.parentElement, field && `${field}(${argument.textContent}:)`);
    }
  }
  for (const argument of place.querySelectorAll(
    `.graphiql-doc-explorer-argument ${argumentName}`,
  )) {
    badge(argument.parentElement, shown && `${shown}(${argument.textContent}:)`);
  }
  for (const value of place.querySelectorAll('.graphiql-doc-explorer-enum-value')) {
    badge(value, shown && `${shown}.${value.textContent}`);
  }
}

const argumentName = '.graphiql-doc-explorer-argument-name';
