import type { Credentials } from './credentials.ts';

/** The `fetch` that a client is given, and what went through it. */
export interface Wire {
  readonly fetch: typeof fetch;
  /** One entry a request, oldest first. */
  readonly answers: readonly { readonly method: string; readonly response: Response }[];
}

/** Authorizes each request, and repeats one that is answered with a nonce for its proof. */
export function openWire(credentials: Credentials): Wire {
  const answers: { method: string; response: Response }[] = [];
  return {
    answers,
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input);
      const method = (init?.method ?? 'GET').toUpperCase();
      const send = async (nonce?: string): Promise<Response> => {
        const headers = new Headers(init?.headers);
        const added = await credentials(method, url, nonce);
        for (const [name, value] of Object.entries(added)) headers.set(name, value);
        const response = await fetch(url, { ...init, headers });
        answers.push({ method, response });
        return response;
      };
      const response = await send();
      const challenge = response.headers.get('www-authenticate') ?? '';
      return challenge.includes('error="use_dpop_nonce"')
        ? send(response.headers.get('dpop-nonce') ?? '')
        : response;
    },
  };
}
