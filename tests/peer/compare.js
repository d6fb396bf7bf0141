/* Compares two results of the shape of israeli-bank-scrapers field by field: node compare.js A B. */
'use strict';
const fs = require('node:fs');
const [a, b] = process.argv.slice(2).map(file => JSON.parse(fs.readFileSync(file)));
let fields = 0, differing = 0, transactions = 0;

function compare(x, y, path) {
	if (x !== null && typeof x === 'object' && y !== null && typeof y === 'object') {
		for (const key of new Set([...Object.keys(x), ...Object.keys(y)]))
			compare(x[key], y[key], `${path}.${key}`);
		return;
	}
	fields++;
	if (x === y)
		return;
	if (differing++ < 10)
		console.log(`${path}: ${JSON.stringify(x)} and ${JSON.stringify(y)}`);
}

compare(a, b, '');
for (const account of a.accounts ?? [])
	transactions += account.txns.length;
console.log(`${transactions} transactions, ${fields} fields, ${differing} differing`);
process.exit(differing || transactions < 500 ? 1 : 0);
