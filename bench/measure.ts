import { type Figure, formatFigure } from './figure.ts';
import { measureAccess } from './measure-access.ts';
import { measureDpop } from './measure-dpop.ts';
import { measureEdge } from './measure-edge.ts';
import { measureExplain } from './measure-explain.ts';
import { measureIntrospection } from './measure-introspection.ts';
import { measurePage } from './measure-page.ts';
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
  measureExplain,
  measureIntrospection,
  measurePlans,
  measurePolicies,
  measureResponses,
  measureRefusals,
  measureDpop,
  measureEdge,
  measureSockets,
  measurePage,
];

let tooMuch = 0;
for (const part of parts) {
  for (const figure of await part()) {
    if (figure.value > figure.limit) tooMuch += 1;
    console.log(formatFigure(figure));
  }
}
process.exitCode = tooMuch > 0 ? 1 : 0;
