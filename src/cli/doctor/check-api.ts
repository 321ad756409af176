import { createServer } from 'node:net';
import { fetchJson, timeoutMs } from '../../authentication/issuer/fetch-json.ts';
import { getOwn } from '../../authentication/token/json.ts';
import { isJsonObject } from '../../shared/type-guards.ts';
import type { DiagnosedApi, DoctorEnvironment } from './diagnosed-api.ts';
import { type Finding, showValue } from './finding.ts';

type Problem = Extract<Finding, { readonly verdict: 'problem' }>;

/** Calls the API at its public URL, if it runs, and compares that with what the API says of itself. */
export async function checkApi(
  { publicUrl, address }: DiagnosedApi,
  { fetch }: DoctorEnvironment,
): Promise<readonly Finding[]> {
  let response: Pick<Response, 'status' | 'headers'>;
  try {
    response = await requestHead(`${publicUrl}/livez`, fetch);
  } catch {
    return [await explainSilence(publicUrl, address)];
  }
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && location !== null) {
    return [
      {
        verdict: 'problem',
        text: `${publicUrl} redirects to ${showValue(location)}.`,
        fix: 'Set PUBLIC_URL to the URL that clients are redirected to. Clients drop the Authorization header when they follow a redirect, and proofs name the URL.',
        section: 'proof_url',
      },
    ];
  }
  if (response.status !== 200) return [notThisApi(publicUrl, `status ${response.status}`, address)];
  const resource = await readResource(publicUrl, fetch);
  if (resource === undefined) {
    const finding = notThisApi(publicUrl, 'no metadata', address);
    if (new URL(publicUrl).pathname === '/') return [finding];
    const fix = `Have the proxy forward ${metadataUrlOf(publicUrl)} to the API, with this path. Or, if this is not the API: ${finding.fix}`;
    return [{ ...finding, fix }];
  }
  if (resource !== `${publicUrl}/graphql`) {
    return [
      {
        verdict: 'problem',
        text: `The API that runs at ${publicUrl} calls itself ${showValue(resource)}.`,
        fix: 'Start the API with the PUBLIC_URL that clients call, and run this command with the same settings.',
        section: 'proof_url',
      },
    ];
  }
  return [{ verdict: 'ok', text: `API ${publicUrl}: it runs, and knows this as its URL.` }];
}

/** The status and headers of a response, whose body is not read. */
async function requestHead(
  url: string,
  fetch: DoctorEnvironment['fetch'],
): Promise<Pick<Response, 'status' | 'headers'>> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  // An unread body would hold its connection.
  response.body?.cancel().catch(() => {});
  return response;
}

/** The well-known path comes before that of the API (RFC 9728 §3.1). */
function metadataUrlOf(publicUrl: string): string {
  const { origin, pathname } = new URL(`${publicUrl}/graphql`);
  return `${origin}/.well-known/oauth-protected-resource${pathname}`;
}

/** The `resource` of the API's metadata. */
async function readResource(
  publicUrl: string,
  fetch: DoctorEnvironment['fetch'],
): Promise<string | undefined> {
  try {
    const metadata = await fetchJson(metadataUrlOf(publicUrl), fetch);
    const resource = isJsonObject(metadata) ? getOwn(metadata, 'resource') : undefined;
    return typeof resource === 'string' ? resource : undefined;
  } catch {
    return undefined;
  }
}

function notThisApi(publicUrl: string, what: string, address: DiagnosedApi['address']): Problem {
  return {
    verdict: 'problem',
    text: `Something else than this API responds at ${publicUrl} (${what}).`,
    fix:
      address === undefined
        ? 'Set PUBLIC_URL to the origin of the API as its clients see it.'
        : `Set PUBLIC_URL to the origin of the API as its clients see it; or, if another program uses port ${address.port}, stop it or set PORT.`,
    section: 'the-port-is-already-in-use',
  };
}

/** Tells an API that does not run from a port that another program uses. */
async function explainSilence(
  publicUrl: string,
  address: DiagnosedApi['address'],
): Promise<Finding> {
  if (address !== undefined && !(await isFree(address))) {
    return {
      verdict: 'problem',
      text: `Port ${address.port} of ${address.host} is in use, and ${publicUrl} does not respond.`,
      fix: 'If another program uses the port, stop it or set PORT. If it is this API, set PUBLIC_URL to the origin that clients call.',
      section: 'the-port-is-already-in-use',
    };
  }
  return {
    verdict: 'note',
    text: `${publicUrl} does not respond. Start the API to check its URL too.`,
  };
}

function isFree({ host, port }: NonNullable<DiagnosedApi['address']>): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
