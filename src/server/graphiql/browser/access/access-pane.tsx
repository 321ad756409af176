import { type GraphiQLPlugin, useGraphiQL } from '@graphiql/react';
import { type ReactNode, useState } from 'react';
import { usePage, usePageState } from '../use-page.ts';
import {
  describeOutcome,
  findRemedy,
  marks,
  reasonOf,
  type Selection,
  shortRule,
} from './describe-verdict.ts';
import type { Verdicts } from './verdicts.ts';
import { WhoCanRead } from './who-can-read.tsx';
import './access.css';

/** What the rules allow: of the operation in the editor, and of the whole schema. */
export const accessPlugin: GraphiQLPlugin = {
  title: 'Access',
  icon: () => (
    <svg
      viewBox="0 0 24 24"
      width="1em"
      height="1em"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      aria-hidden="true"
    >
      <path d="M12 3 5 6v5c0 4.500 3 8 7 10 4-2 7-5.500 7-10V6z" />
      <path d="m9 12 2.200 2.200 4.300-4.700" />
    </svg>
  ),
  content: AccessPane,
};

/** Selections before a click on "Show all". */
const firstSelections = 100;

function AccessPane(): ReactNode {
  const { verdicts, rules, account } = usePageState();
  return (
    <section className="access" aria-label="Access">
      <h2>Access</h2>
      <Outcome verdicts={verdicts} />
      {verdicts && verdicts.said.selections.length > 0 && <Selections {...verdicts} />}
      {rules && rules.rules.length > 0 && <WhoCanRead report={rules} subject={account?.subject} />}
    </section>
  );
}

const problems = {
  invalid: 'the operation is not complete.',
  failed: 'what is allowed is not known.',
} as const;

function Outcome({ verdicts }: { readonly verdicts: Verdicts | undefined }): ReactNode {
  const page = usePage();
  const { account, cancelSignIn } = usePageState();
  const isHeader = typeof verdicts?.viewer === 'string';
  const signedIn = account ? `As ${account.name}` : 'Signed out';
  const who = isHeader ? 'With the Headers tab' : signedIn;
  if (verdicts === undefined) return <p className="access-outcome access-quiet">{who}</p>;
  const { said, problem } = verdicts;
  const message = (problem ?? said.problem)?.message;
  const remedy = problem || isHeader ? undefined : findRemedy(said);
  return (
    <div className="access-outcome">
      <p>
        <span className="access-quiet">{who}: </span>
        {problem ? problems[problem.kind] : <strong>{describeOutcome(said)}</strong>}
      </p>
      {message !== undefined && <p className="access-quiet">{message}</p>}
      {said.missingScope !== undefined && problem === undefined && (
        <p>
          Missing for all of it: <code>{said.missingScope}</code>
        </p>
      )}
      {remedy && page.session && (
        <button
          type="button"
          className="access-remedy"
          aria-disabled={cancelSignIn !== undefined}
          onClick={() => cancelSignIn ?? page.signIn(remedy.request)}
        >
          {remedy.label}
        </button>
      )}
    </div>
  );
}

function Selections({ said: { selections, omitted = 0 } }: Verdicts): ReactNode {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? selections : selections.slice(0, firstSelections);
  return (
    <section aria-labelledby="access-operation">
      <h3 id="access-operation">This operation</h3>
      <ul>
        {shown.map((selection) => (
          <Row key={JSON.stringify(selection.path)} {...selection} />
        ))}
      </ul>
      {shown.length < selections.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {selections.length}
        </button>
      )}
      {omitted > 0 && <p className="access-quiet">And {omitted} more.</p>}
    </section>
  );
}

function Row(selection: Selection): ReactNode {
  const { path, verdict, message, rule, from = [], locations } = selection;
  const editor = useGraphiQL(({ queryEditor }) => queryEditor);
  const [place] = locations;
  const reason = reasonOf(selection);
  const goTo = (): void => {
    if (!editor || !place) return;
    const position = { lineNumber: place.line, column: place.column };
    editor.setPosition(position);
    editor.revealPositionInCenterIfOutsideViewport(position);
    editor.focus();
  };
  return (
    <li
      className={`access-${verdict.replace(' ', '-')}`}
      style={{ paddingInlineStart: `${Math.min(path.length - 1, 8) * 0.75}rem` }}
    >
      <span className="access-mark" aria-hidden="true">
        {marks[verdict]}
      </span>
      <button
        type="button"
        className="access-link"
        title={place && `${path.join('.')}, line ${place.line}`}
        onClick={goTo}
      >
        {path.at(-1)}
      </button>
      <span className="access-hidden">: {verdict}.</span>
      {rule !== undefined && (
        <code
          className="access-rule"
          title={from.length > 0 ? `${rule} from ${from.join(', ')}` : rule}
        >
          {shortRule(rule)}
        </code>
      )}
      {reason !== undefined && (
        <span className="access-reason" title={message}>
          {reason}
        </span>
      )}
    </li>
  );
}
