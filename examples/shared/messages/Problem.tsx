import { explainError, explainFailure } from '../explain.ts';
import { type ApiResponse, hasCode } from '../result.ts';
import { SignInOffer } from '../SignInOffer.tsx';

interface ProblemProps {
  readonly response: ApiResponse<unknown>;
  /** Sends the same again. */
  readonly onRetry: () => void;
  /** Called before the page is left for a sign-in. */
  readonly onSignIn?: () => void;
}

/** Why the API did not do what the user wanted, with a sign-in or a retry if it can help. */
export function Problem({ response: { errors, failure }, onRetry, onSignIn }: ProblemProps) {
  const sentences = failure === undefined ? errors.map(explainError) : [explainFailure(failure)];
  const canRetry = failure !== undefined || hasCode(errors, 'SERVICE_UNAVAILABLE');
  return (
    <div role="alert" className="problem">
      {[...new Set(sentences)].map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {canRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
      <SignInOffer errors={errors} {...(onSignIn && { onSignIn })} />
    </div>
  );
}
