// Fills IndexedDB with what a database can hold and JSON cannot; the value is true when all of it is there.
(async () => {
	const done = request => new Promise((resolve, reject) => {
		request.onsuccess = request.oncomplete = () => resolve(request.result);
		request.onerror = request.onabort = () => reject(request.error);
	});
	const numbers = new Uint8Array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6]).buffer;
	const both = { name: 'twice' };
	const ring = { inside: [1n] };
	ring.inside.push(ring);
	const values = {
		text: 'שלום " \\ \u2028 😀',
		plain: { a: [1, 2, { b: null }], 'a.b': '', t: true },
		dates: [new Date(0), new Date(1763712000123), new Date(-1)],
		numbers: [0, -0, NaN, Infinity, -Infinity, 0.1, 2 ** 53, Number.MAX_VALUE, 5e-324],
		big: [0n, -1n, 2n ** 70n, -(2n ** 64n)],
		holes: [undefined, null, { none: undefined }],
		pattern: /a\/[b]+/giu,
		buffer: numbers.slice(3, 11),
		arrays: [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
			Float32Array, Float64Array, BigInt64Array, BigUint64Array].map(kind => new kind(numbers.slice(0))),
		part: new Uint8Array(numbers, 2, 5),
		empty: [[], {}, '', new Uint8Array(0), new Map(), new Set()],
		map: new Map([['a', 1], [{ b: 2 }, new Map([[1n, new Date(5)]])], [NaN, 'nan']]),
		set: new Set([1, 'one', new Set([undefined])]),
		error: new RangeError('too far'),
		twice: [both, both],
		ring,
		looks: { v: 'undefined', d: '2026-01-01', ref: 1, o: [], id: 7 },
		deep: Array.from({ length: 20 }).reduce(inner => ({ inner }), 1n),
		long: 'x'.repeat(300000),
	};
	localStorage.token = 'beside the database';
	for (const name of ['kinds', 'nothing'])
		await done(indexedDB.deleteDatabase(name));
	const opening = indexedDB.open('kinds', 7);
	opening.onupgradeneeded = () => {
		const db = opening.result;
		db.createObjectStore('outside');
		db.createObjectStore('counted', { autoIncrement: true });
		const inside = db.createObjectStore('inside', { keyPath: 'id.deep' });
		inside.createIndex('tags', 'tags', { multiEntry: true });
		inside.createIndex('pair', ['a', 'b'], { unique: true });
		db.createObjectStore('two', { keyPath: ['a', 'b'], autoIncrement: false });
		db.createObjectStore('own', { keyPath: 'n', autoIncrement: true });
		db.createObjectStore('bare');
	};
	const db = await done(opening);
	const transaction = db.transaction(Array.from(db.objectStoreNames), 'readwrite'), end = done(transaction);
	const store = name => transaction.objectStore(name);
	for (const [name, value] of Object.entries(values))
		store('outside').put(value, name);
	for (const key of [1, -1.5, -Infinity, new Date(86400000), '', [], [1, ['two', new Date(3)]], numbers.slice(0, 2),
		new Uint16Array([1, 2, 3])])
		store('outside').put('by key', key);
	store('counted').put('first');
	store('counted').put({ second: 2n });
	store('inside').put({ id: { deep: new Date(7) }, tags: ['a', 'b'], a: 1, b: 2 });
	store('inside').put({ id: { deep: 'x' }, tags: ['b'], a: 1, b: 3, more: new Float32Array([1.5]) });
	store('two').put({ a: 1, b: [2, 'x'], text: 'pair' });
	store('own').put({ text: 'numbered' });
	await end;
	db.close();
	(await done(indexedDB.open('nothing', 2))).close();
	return true;
})()
