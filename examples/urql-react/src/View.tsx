import { explainFailure } from './explain.ts';
import type { Question } from './questions.ts';
import { Received } from './Received.tsx';
import { Refused } from './Refused.tsx';
import { useAnswer } from './useAnswer.ts';

/** One question, and what came of it. */
export function View({ question }: { readonly question: Question }) {
  const { isLoading, data, errors, failure, askAgain } = useAnswer(question);
  const received = Object.entries(data ?? {}).filter(([, greeting]) => greeting !== null);
  return (
    <>
      <section className="question" aria-labelledby="question">
        <div>
          <h2 id="question">{question.title}</h2>
          <p className="quiet">{question.who}</p>
          <button type="button" onClick={askAgain} disabled={isLoading}>
            Ask again
          </button>
        </div>
        <pre>
          <code>{question.query}</code>
        </pre>
      </section>
      <section className="answer" aria-label="Answer" aria-live="polite" aria-busy={isLoading}>
        {isLoading && <p className="quiet">Asking…</p>}
        {!isLoading && failure !== undefined && (
          <p className="problem">{explainFailure(failure)}</p>
        )}
        {!isLoading && received.length > 0 && <Received fields={received} />}
        {!isLoading && errors.length > 0 && <Refused errors={errors} />}
      </section>
    </>
  );
}
