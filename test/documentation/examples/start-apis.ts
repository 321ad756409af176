import { createServer } from 'node:http';
import { createOrdersApi } from './orders-api.ts';
import { createStockApi } from './stock-api.ts';

const issuer = 'http://localhost:4001/';
const client = { clientId: 'local-api', clientSecret: 'local-api-secret' };
const stockUrl = 'http://localhost:5001/graphql';

createServer(createStockApi(issuer, console.info)).listen(5001);
createServer(createOrdersApi({ issuer, client, stockUrl, report: console.error })).listen(5000);
