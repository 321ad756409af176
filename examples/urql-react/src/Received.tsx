import type { Greeting } from './questions.ts';

interface ReceivedProps {
  readonly fields: readonly (readonly [name: string, greeting: Greeting | null])[];
}

/** What the API gave. */
export function Received({ fields }: ReceivedProps) {
  return (
    <div className="card">
      <h3>What came</h3>
      <dl>
        {fields.map(([name, greeting]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {greeting?.message}
              <p className="quiet">For {greeting?.subject ?? 'everybody'}.</p>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
