// node orders_fastify.cjs PORT
'use strict';
const { makeOrder, makeList } = require('./orders.cjs');
const app = require('fastify')();

app.get('/orders/:id', (request) => makeOrder(Number(request.params.id)));
app.get('/lists/:id', (request) => makeList(Number(request.params.id)));
app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
