// What Actual's own importer makes of our files: its npm package, in FOLDER, parses FILE and prints "ILS -12.30 4"-like sums.
//
//     node actual.mjs FOLDER FILE
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [folder, file] = process.argv.slice(2);
const api = createRequire(resolve(folder, 'package.json'))('@actual-app/api');
const dataDir = mkdtempSync(join(tmpdir(), 'actual-'));
const options = file.endsWith('.csv') ? { hasHeaderRow: true, delimiter: ',' } : {};

console.log = console.info = (...words) => console.error(...words);
try {
	await api.init({ dataDir });
	const { errors, transactions } = await api.internal.send('transactions-parse-file', { filepath: resolve(file), options });
	for (const error of errors ?? [])
		console.error(error);
	const amounts = transactions.map((t) => Number(t.amount ?? t.charged_amount));
	const cents = amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0);
	process.stdout.write(`${(cents / 100).toFixed(2)} ${transactions.length}\n`);
	process.exitCode = (errors ?? []).length || amounts.some(Number.isNaN) ? 1 : 0;
} finally {
	await api.shutdown().catch(() => {});
	rmSync(dataDir, { recursive: true, force: true });
}
process.exit();
