import { createAuthenticator } from '../../authentication/authenticator.ts';
import { fetchJson } from '../../authentication/issuer/fetch-json.ts';
import { getOwn } from '../../authentication/token/json.ts';
import { isJsonObject } from '../../shared/type-guards.ts';
import { type DiagnosedApi, type DoctorEnvironment, issuersOf } from './diagnosed-api.ts';
import { type Finding, showValue } from './finding.ts';

/** Fetches the keys of each issuer as the API does, and compares clocks. */
export async function checkIssuers(
  api: DiagnosedApi,
  { fetch, now }: DoctorEnvironment,
): Promise<readonly Finding[]> {
  const failures = new Map<string, unknown>();
  const locations = new Map<string, string>();
  const skews = new Map<string, number>();
  const authenticator = createAuthenticator({
    ...api.authenticator,
    clock: { now: () => new Date(now()) },
    async fetch(url, init) {
      const sent = now();
      const response = await fetch(url, init);
      const location = response.headers.get('location');
      if (location !== null) locations.set(url, location);
      const skew = Date.parse(response.headers.get('date') ?? '') - (sent + now()) / 2;
      if (!Number.isNaN(skew)) skews.set(new URL(url).origin, skew);
      return response;
    },
    onFetchFailure: (issuer, error) => failures.set(issuer, error),
  });
  // Each failure is reported above.
  await authenticator.warmUp().catch(() => {});

  const issuers = issuersOf(api.authenticator);
  const findings: Finding[] = [];
  for (const issuer of issuers) {
    const error = failures.get(issuer);
    findings.push(
      error === undefined
        ? { verdict: 'ok', text: `Issuer ${issuer}: its keys can be fetched.` }
        : await explainFailure(issuer, error, { api, locations, fetch }),
    );
  }
  if (issuers.length === 0) {
    findings.push({ verdict: 'note', text: 'Issuers are looked up for each token.' });
  }
  return [...findings, ...checkClocks(skews, (api.authenticator.clockTolerance ?? 5) * 1_000)];
}

/** An HTTP date has whole seconds. */
const resolutionMs = 1_000;

function checkClocks(skews: ReadonlyMap<string, number>, toleranceMs: number): readonly Finding[] {
  return [...skews]
    .filter(([, skew]) => Math.abs(skew) > toleranceMs + resolutionMs)
    .map(([origin, skew]): Finding => {
      const seconds = Math.round(Math.abs(skew) / 1_000);
      return {
        verdict: 'problem',
        text: `The clock of ${origin} is ${seconds} seconds ${skew > 0 ? 'ahead of' : 'behind'} that of this machine.`,
        fix: 'Synchronize the clock of this machine with NTP. Otherwise, valid tokens are rejected as expired or not yet valid.',
        section: skew > 0 ? 'token_not_yet_valid' : 'token_expired',
      };
    });
}

interface FailureContext extends Pick<DoctorEnvironment, 'fetch'> {
  readonly api: DiagnosedApi;
  /** Where each URL redirects to. */
  readonly locations: ReadonlyMap<string, string>;
}

async function explainFailure(
  issuer: string,
  error: unknown,
  { api, locations, fetch }: FailureContext,
): Promise<Finding> {
  const message = error instanceof Error ? error.message : 'Its keys cannot be fetched.';
  const problem = (fix: string, section = 'keys_unavailable'): Finding => ({
    verdict: 'problem',
    text: `Issuer ${issuer}: ${message}${describeCause(error)}`,
    fix,
    section,
  });
  // Messages begin with the URL that was requested.
  const [url = ''] = message.split(' ', 1);
  if (message.endsWith(' responded with a redirect.')) {
    const target = showValue(locations.get(url));
    return problem(
      `Redirects are not followed. The issuer redirects to ${target}: configure the issuer that is there.`,
      'the-issuer-cannot-be-reached',
    );
  }
  if (message.includes(' is for another issuer ')) {
    const named = await readIssuerName(url, fetch);
    const slash = named?.replace(/\/$/, '') === issuer.replace(/\/$/, '');
    return problem(
      `Its document names the issuer ${showValue(named)}${slash ? ': the slash at the end differs' : ''}. Configure that one, exactly.`,
      'the-issuer-is-wrong-by-a-slash-perhaps',
    );
  }
  if (/status 40[0-9]/.test(message)) {
    return problem(
      'Check the path of the issuer, and the slash at its end. If the issuer has no such document, configure where its keys are: JWKS_URL.',
      'the-issuer-is-wrong-by-a-slash-perhaps',
    );
  }
  if (api.hasLocalIssuer) {
    return {
      verdict: 'note',
      text: `Issuer ${issuer} does not respond. The local issuer runs while the API does.`,
    };
  }
  return problem(
    'Check the domain of the issuer, and that this machine can connect to it (proxy, firewall, DNS).',
    'the-issuer-cannot-be-reached',
  );
}

async function readIssuerName(
  url: string,
  fetch: DoctorEnvironment['fetch'],
): Promise<string | undefined> {
  const metadata: unknown = await fetchJson(url, fetch).catch(() => undefined);
  const name = isJsonObject(metadata) ? getOwn(metadata, 'issuer') : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** The error code of the network, such as ENOTFOUND, which `fetch` hides in causes. */
function describeCause(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return ` (${cause.code})`;
  }
  return '';
}
