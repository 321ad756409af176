import { describe, expect, it } from 'vitest';
import { acceptedTypes } from '../../src/shared/accept.ts';

const offered = ['application/json', 'application/graphql-response+json', 'text/event-stream'];
const [json, graphql, events] = offered;

describe('what an Accept header takes', () => {
  it.each([
    ['no header', undefined, offered],
    ['an empty one', '', offered],
    ['commas alone', ','.repeat(15_000), offered],
    ['anything', '*/*', offered],
    ['one type', 'application/json', [json]],
    ['one type, in capitals', 'Application/JSON', [json]],
    ['a group of types', 'application/*', [json, graphql]],
    ['nothing of it', 'image/png', []],
    ['by the order of the header', `${graphql}, ${json}`, [graphql, json]],
    ['by quality', `${json};q=0.5, ${graphql};q=0.9, ${events}`, [events, graphql, json]],
    ['a type refused', `${json};q=0, */*`, [graphql, events]],
    ['a type refused, after what takes it', `*/*, ${json}; Q = 0.000`, [graphql, events]],
    ['a group refused', `application/*;q=0, */*`, [events]],
    ['a group refused but for one', `application/*;q=0, ${json}`, [json]],
    ['everything refused', '*/*;q=0', []],
    ['the same twice', `${json};q=0, ${json};q=0.1`, [json]],
    ['a quality that is none', `${json};q=high`, [json]],
    ['an empty quality', `${json};q=`, [json]],
    ['a negative quality', `${json};q=-1`, []],
    ['UTF-8', `${json};charset=utf-8, ${graphql};charset="UTF-8"`, [json, graphql]],
    ['another charset', `${json};charset=iso-8859-1`, []],
    ['other parameters', `${events};x="a";deferSpec=20220824`, [events]],
    ['a type that only begins so', 'application/jsonp', []],
    ['half a type', 'application', []],
    ['a hundred ranges and one', `${'a/b,'.repeat(99)}${json},${graphql}`, [json]],
  ])('%s', (_, accept, types) => {
    expect(acceptedTypes(accept, offered)).toEqual(types);
  });

  it('never names more than is offered', () => {
    const accept = Array.from({ length: 4000 }, (_, index) => offered[index % 3]).join(',');
    expect(acceptedTypes(accept, offered)).toHaveLength(3);
  });
});
