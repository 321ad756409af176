// Composes the subgraphs whose names and URLs are given (NAME=URL), and prints the supergraph.
import { parse } from 'graphql';

const composers = {
  apollo: '@apollo/composition',
  guild: '@theguild/federation-composition',
};
const { composeServices } = await import(composers[process.env.COMPOSER]);

const subgraphs = process.argv.slice(2).map(async (subgraph) => {
  const [name, url] = subgraph.split('=');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data } = await response.json();
  return { name, url, typeDefs: parse(data._service.sdl) };
});

const { supergraphSdl, errors = [] } = composeServices(await Promise.all(subgraphs));
for (const { message } of errors) console.error(message);
if (errors.length > 0) process.exit(1);
console.log(supergraphSdl);
