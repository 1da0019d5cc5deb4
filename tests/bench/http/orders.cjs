// What orders.cpp answers, as plain objects.
'use strict';

const makeOrder = (id) => ({ id, customer: `Harbour ${id}`, paid: id % 2 === 0 });

const makeList = (id) => {
  const items = [];
  for (let item = 0; item < 10; ++item) {
    items.push({
      sku: `A-${id * 10 + item}`,
      name: `item ${item}`,
      count: (item % 3) + 1,
      price: item * 7 + 0.25,
    });
  }
  return { ...makeOrder(id), items };
};

module.exports = { makeOrder, makeList };
