import type { Figure } from './figure.ts';
import { measureAccess } from './measure-access.ts';
import { measureDpop } from './measure-dpop.ts';
import { measureEdge } from './measure-edge.ts';
import { measureIntrospection } from './measure-introspection.ts';
import { measurePlans } from './measure-plans.ts';
import { measurePolicies } from './measure-policies.ts';
import { measureRefusals } from './measure-refusals.ts';
import { measureResponses } from './measure-responses.ts';
import { measureRules } from './measure-rules.ts';
import { measureSockets } from './measure-sockets.ts';
import { measureStart } from './measure-start.ts';
import { measureVerification } from './measure-verification.ts';

const parts: readonly (() => Promise<Figure[]>)[] = [
  measureStart,
  measureVerification,
  measureRules,
  measureAccess,
  measureIntrospection,
  measurePlans,
  measurePolicies,
  measureResponses,
  measureRefusals,
  measureDpop,
  measureEdge,
  measureSockets,
];

let tooMuch = 0;
for (const part of parts) {
  for (const { name, value, unit, limit } of await part()) {
    const isFine = value <= limit;
    if (!isFine) tooMuch += 1;
    const text = `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`.trim();
    const most = `at most ${limit} ${unit}`.trim();
    console.log(`${isFine ? 'ok ' : 'NO '} ${name.padEnd(62)} ${text.padStart(12)}   ${most}`);
  }
}
process.exitCode = tooMuch > 0 ? 1 : 0;
