// node orders_express.cjs PORT
'use strict';
const { makeOrder, makeList } = require('./orders.cjs');
const app = require('express')();

app.disable('x-powered-by');
app.get('/orders/:id', (request, response) => {
  response.json(makeOrder(Number(request.params.id)));
});
app.get('/lists/:id', (request, response) => {
  response.json(makeList(Number(request.params.id)));
});
app.listen(Number(process.argv[2]), '127.0.0.1');
