import { useDocExplorerActions } from '@graphiql/plugin-doc-explorer';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { memo, type ReactNode, useCallback, useMemo, useState } from 'react';
import type { SchemaAccessReport } from '../../access/schema-access-report.ts';
import { marks, shortRule } from './describe-verdict.ts';
import { docsPlugin } from './doc-badges.tsx';
import { findDefinition, openFirst } from './schema-rules.ts';

type Rule = SchemaAccessReport['rules'][number];
type Viewer = SchemaAccessReport['viewers'][number];

/** Rows before a click on "Show all". */
const firstRows = 100;

const words = { allowed: 'allowed', conditional: 'depends', refused: 'refused' } as const;

/**
 * The rules of the schema: a row for each coordinate, a column for each viewer. There can be thousands,
 * so they are not rendered again with every verdict.
 */
export const WhoCanRead = memo(function WhoCanRead({
  report,
  subject,
}: {
  readonly report: SchemaAccessReport;
  /** The current account; undefined if signed out. */
  readonly subject: string | undefined;
}): ReactNode {
  const [filter, setFilter] = useState('');
  const [isWhole, setWhole] = useState(false);
  const sorted = useMemo(() => openFirst(report.rules), [report]);
  const show = useShowDocumentation();
  const text = filter.trim().toLowerCase();
  const found = sorted.filter(({ coordinate, rule }) =>
    `${coordinate} ${rule}`.toLowerCase().includes(text),
  );
  const rows = isWhole ? found : found.slice(0, firstRows);
  const isCurrent = ({ name, kind }: Viewer): boolean =>
    kind === 'anonymous' ? subject === undefined : name === subject;
  return (
    <section aria-labelledby="access-who">
      <h3 id="access-who">Who can read what</h3>
      <input
        type="search"
        aria-label="Filter by name or rule"
        placeholder="Filter by name or rule"
        value={filter}
        onChange={({ target }) => setFilter(target.value)}
      />
      {rows.length === 0 && <p className="access-quiet">Nothing has this name or rule.</p>}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              {report.viewers.map((viewer) => (
                <ViewerHeader key={viewer.name} viewer={viewer} isCurrent={isCurrent(viewer)} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((rule) => (
              <Row
                key={rule.coordinate}
                rule={rule}
                current={report.viewers.findIndex(isCurrent)}
                show={show}
              />
            ))}
          </tbody>
        </table>
      )}
      {rows.length < found.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {found.length}
        </button>
      )}
    </section>
  );
});

function ViewerHeader({
  viewer: { name, scopes },
  isCurrent,
}: {
  readonly viewer: Viewer;
  readonly isCurrent: boolean;
}): ReactNode {
  return (
    <th
      scope="col"
      className={isCurrent ? 'access-current' : undefined}
      title={scopes.join(' ') || 'no scopes'}
    >
      <span>{name}</span>
      {isCurrent && <span className="access-hidden"> (you)</span>}
    </th>
  );
}

const Row = memo(function Row({
  rule: { coordinate, rule, viewers },
  current,
  show,
}: {
  readonly rule: Rule;
  /** The index of the current viewer. */
  readonly current: number;
  readonly show: ((coordinate: string) => void) | undefined;
}): ReactNode {
  return (
    <tr>
      <th scope="row" title={rule}>
        {show === undefined ? (
          <code>{coordinate}</code>
        ) : (
          <button
            type="button"
            className="access-link"
            title="Show its documentation"
            onClick={() => show(coordinate)}
          >
            <code>{coordinate}</code>
          </button>
        )}
        <span className="access-rule">{shortRule(rule)}</span>
      </th>
      {viewers.map((access, index) => (
        <td
          // biome-ignore lint/suspicious/noArrayIndexKey: the columns have a fixed order.
          key={index}
          className={`access-${access} ${index === current ? 'access-current' : ''}`}
        >
          <span aria-hidden="true">{marks[access]}</span>
          <span className="access-hidden">{words[access]}</span>
        </td>
      ))}
    </tr>
  );
});

/** What shows the documentation of a coordinate; undefined without a schema. */
function useShowDocumentation(): ((coordinate: string) => void) | undefined {
  const schema = useGraphiQL((state) => state.schema);
  const { setVisiblePlugin } = useGraphiQLActions();
  const { push } = useDocExplorerActions();
  const show = useCallback(
    (coordinate: string): void => {
      if (!schema) return;
      for (const item of findDefinition(schema, coordinate)) push(item);
      setVisiblePlugin(docsPlugin);
    },
    [schema, push, setVisiblePlugin],
  );
  return schema ? show : undefined;
}
