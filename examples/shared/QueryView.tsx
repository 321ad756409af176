import { print } from '@0no-co/graphql.web';
import { explainFailure } from './explain.ts';
import { NotAllowed } from './NotAllowed.tsx';
import type { Greeting, Greetings, SampleQuery } from './queries.ts';
import type { QueryResult } from './result.ts';

interface QueryViewProps {
  readonly query: SampleQuery;
  readonly result: QueryResult<Greetings>;
}

/** A query and its result. */
export function QueryView({ query, result }: QueryViewProps) {
  const { isLoading, data, errors, failure, refetch } = result;
  const allowed = Object.entries(data ?? {}).filter(([, greeting]) => greeting !== null);
  return (
    <>
      <section className="query" aria-labelledby="query">
        <div>
          <h2 id="query">{query.title}</h2>
          <p className="quiet">{query.access}</p>
          <button type="button" onClick={refetch} disabled={isLoading}>
            Refetch
          </button>
        </div>
        <pre>
          <code>{print(query.document)}</code>
        </pre>
      </section>
      <section className="result" aria-label="Result" aria-live="polite" aria-busy={isLoading}>
        {isLoading && <p className="quiet">Loading…</p>}
        {!isLoading && failure !== undefined && (
          <p className="problem">{explainFailure(failure)}</p>
        )}
        {!isLoading && allowed.length > 0 && <Data fields={allowed} />}
        {!isLoading && errors.length > 0 && <NotAllowed errors={errors} />}
      </section>
    </>
  );
}

interface DataProps {
  readonly fields: readonly (readonly [name: string, greeting: Greeting | null])[];
}

function Data({ fields }: DataProps) {
  return (
    <div className="card">
      <h3>Data</h3>
      <dl>
        {fields.map(([name, greeting]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {greeting?.message}
              <p className="quiet">Subject: {greeting?.subject ?? 'none'}</p>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
