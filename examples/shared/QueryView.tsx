import { explainError, explainFailure } from './explain.ts';
import type { Greeting, SampleQuery } from './queries.ts';
import type { GraphqlError, QueryResult } from './result.ts';
import { SignInOffer } from './SignInOffer.tsx';

interface QueryViewProps {
  readonly query: SampleQuery;
  readonly result: QueryResult;
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
            Run again
          </button>
        </div>
        <pre>
          <code>{query.text}</code>
        </pre>
      </section>
      <section className="result" aria-label="Result" aria-live="polite" aria-busy={isLoading}>
        {isLoading && <p className="quiet">Loading…</p>}
        {!isLoading && failure !== undefined && (
          <p className="problem">{explainFailure(failure)}</p>
        )}
        {!isLoading && allowed.length > 0 && <AllowedFields fields={allowed} />}
        {!isLoading && errors.length > 0 && <DeniedFields errors={errors} />}
      </section>
    </>
  );
}

interface AllowedFieldsProps {
  readonly fields: readonly (readonly [name: string, greeting: Greeting | null])[];
}

function AllowedFields({ fields }: AllowedFieldsProps) {
  return (
    <div className="card">
      <h3>Allowed</h3>
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

/** Denied fields, why, and a sign-in if it can help. */
function DeniedFields({ errors }: { readonly errors: readonly GraphqlError[] }) {
  return (
    <div className="card denied">
      <h3>Denied</h3>
      <dl>
        {errors.map((error) => (
          <div key={`${error.path?.join('.')} ${error.message}`}>
            <dt>
              <code>{error.path?.join('.') ?? 'whole request'}</code>
            </dt>
            <dd>{explainError(error)}</dd>
          </div>
        ))}
      </dl>
      <SignInOffer errors={errors} />
    </div>
  );
}
