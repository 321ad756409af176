import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptedTypes } from '../../shared/accept.ts';
import { sendMethodNotAllowed, sendText } from './plain-responses.ts';

/** What an instance says about itself. */
interface Health {
  isReady(): boolean;
  report(): { readonly status: string };
}

/** Sends the response of `/livez`: the process is running. */
export function sendLiveness(request: IncomingMessage, response: ServerResponse): void {
  if (isRead(request, response)) sendText(response, 200, 'ok');
}

/** Sends the response of `/readyz`: one word, or what each part says to clients that prefer JSON. */
export function sendReadiness(
  request: IncomingMessage,
  response: ServerResponse,
  readiness: Health,
): void {
  response.setHeader('Vary', 'Origin, Accept');
  if (!isRead(request, response)) return;
  const [type] = acceptedTypes(request.headers.accept, ['text/plain', 'application/json']);
  if (type === 'application/json') {
    const report = readiness.report();
    sendText(response, report.status === 'ready' ? 200 : 503, JSON.stringify(report), {
      'Content-Type': type,
    });
  } else {
    const isReady = readiness.isReady();
    sendText(response, isReady ? 200 : 503, isReady ? 'ok' : 'unavailable');
  }
}

/** Whether the method is one of reading. Otherwise, says so. */
function isRead({ method }: IncomingMessage, response: ServerResponse): boolean {
  const isAllowed = method === 'GET' || method === 'HEAD';
  if (!isAllowed) sendMethodNotAllowed(response);
  return isAllowed;
}
