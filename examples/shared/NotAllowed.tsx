import { explainError } from './explain.ts';
import type { GraphqlError } from './result.ts';
import { SignInOffer } from './SignInOffer.tsx';

/** What is not allowed, why, and a sign-in if it can help. */
export function NotAllowed({ errors }: { readonly errors: readonly GraphqlError[] }) {
  return (
    <div className="card denied">
      <h3>Not allowed</h3>
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
