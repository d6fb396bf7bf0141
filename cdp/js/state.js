// What a document's origin keeps, read and put back.  Runs in our own world; the value of this script is an
// object with read() and write().  Records of IndexedDB that JSON cannot hold are encoded as Playwright's
// storageState encodes them ("valueEncoded").
(() => {
	'use strict';

	const kinds = {
		i8: Int8Array, ui8: Uint8Array, ui8c: Uint8ClampedArray, i16: Int16Array, ui16: Uint16Array,
		i32: Int32Array, ui32: Uint32Array, f32: Float32Array, f64: Float64Array,
		bi64: BigInt64Array, bui64: BigUint64Array,
	};
	const numbers = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

	const base64 = bytes => {
		let text = '';
		for (let i = 0; i < bytes.length; i += 8192)
			text += String.fromCharCode(...bytes.subarray(i, i + 8192));
		return btoa(text);
	};
	const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

	// Levels of objects that a reply of the protocol holds, with a good margin.
	const LEVELS_MAX = 200;

	const levels = v => typeof v === 'object' && v !== null
		? 1 + Object.values(v).reduce((most, one) => Math.max(most, levels(one)), 0) : 0;

	const isPlain = v => Object.prototype.toString.call(v) === '[object Object]';

	// Whether JSON holds V as it is: a tree of what it knows, in which no object comes twice.
	function isTrivial(v, seen) {
		if (v === null || typeof v === 'string' || typeof v === 'boolean')
			return true;
		if (typeof v === 'number')
			return Number.isFinite(v) && !Object.is(v, -0);
		if (typeof v !== 'object' || seen.has(v) || !(Array.isArray(v) || isPlain(v)))
			return false;
		seen.add(v);
		return (Array.isArray(v) ? Array.from(v) : Object.values(v)).every(one => isTrivial(one, seen));
	}

	function encode(v, seen) {
		if (v === undefined || v === null)
			return { v: String(v) };
		if (typeof v === 'number' && (!Number.isFinite(v) || Object.is(v, -0)))
			return { v: Object.is(v, -0) ? '-0' : String(v) };
		if (typeof v === 'bigint')
			return { bi: v.toString() };
		if (typeof v !== 'object')
			return v;
		if (v instanceof Date)
			return { d: v.toJSON() };
		if (v instanceof RegExp)
			return { r: { p: v.source, f: v.flags } };
		if (v instanceof Error)
			return { e: { n: v.name, m: v.message, s: String(v.stack) } };
		if (v instanceof ArrayBuffer)
			return { ab: { b: base64(new Uint8Array(v)) } };
		for (const [k, kind] of Object.entries(kinds))
			if (v instanceof kind)
				return { ta: { b: base64(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)), k } };
		if (seen.has(v))
			return { ref: seen.get(v) };
		const id = seen.size + 1;
		seen.set(v, id);
		if (Array.isArray(v))
			return { a: Array.from(v, one => encode(one, seen)), id };
		if (v instanceof Map)
			return { m: Array.from(v, ([k, one]) => ({ k: encode(k, seen), v: encode(one, seen) })), id };
		if (v instanceof Set)
			return { s: Array.from(v, one => encode(one, seen)), id };
		if (!isPlain(v))
			throw new TypeError(`${Object.prototype.toString.call(v)} cannot be saved`);
		return { o: Object.entries(v).map(([k, one]) => ({ k, v: encode(one, seen) })), id };
	}

	function error({ n, m, s }) {
		const kind = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[n] || Error;
		const made = new kind(m);
		made.stack = s;
		return made;
	}

	// Not by assignment: "__proto__" is a name like others.
	const set = (object, name, value) =>
		Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });

	function decode(e, seen) {
		if (typeof e !== 'object' || e === null)
			return e;
		if ('ref' in e)
			return seen.get(e.ref);
		if ('v' in e)
			return e.v === 'undefined' ? undefined : e.v === 'null' ? null : numbers[e.v];
		if ('bi' in e)
			return BigInt(e.bi);
		if ('d' in e)
			return new Date(e.d);
		if ('u' in e)
			return new URL(e.u);
		if ('r' in e)
			return new RegExp(e.r.p, e.r.f);
		if ('ab' in e)
			return bytes(e.ab.b).buffer;
		if ('ta' in e)
			return new kinds[e.ta.k](bytes(e.ta.b).buffer);
		if ('e' in e)
			return error(e.e);
		const made = 'a' in e ? [] : 'm' in e ? new Map() : 's' in e ? new Set() : {};
		seen.set(e.id, made);
		for (const one of e.a || [])
			made.push(decode(one, seen));
		for (const { k, v } of e.m || [])
			made.set(decode(k, seen), decode(v, seen));
		for (const one of e.s || [])
			made.add(decode(one, seen));
		for (const { k, v } of e.o || [])
			set(made, k, decode(v, seen));
		return made;
	}

	const put = (record, name, value) => {
		if (isTrivial(value, new Set()))
			record[name] = value;
		else
			record[`${name}Encoded`] = encode(value, new Map());
		if (levels(record) > LEVELS_MAX)
			throw new RangeError('too deep to be saved');
	};
	const get = (record, name) => `${name}Encoded` in record ? decode(record[`${name}Encoded`], new Map()) : record[name];

	const done = request => new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.oncomplete = () => resolve();
		request.onerror = () => reject(request.error);
		request.onabort = () => reject(request.error);
		request.onblocked = () => reject(new Error('the database is in use'));
	});

	const keyPathOf = thing => Array.isArray(thing.keyPath) ? { keyPathArray: Array.from(thing.keyPath) }
		: thing.keyPath === null ? {} : { keyPath: thing.keyPath };
	const keyPath = saved => saved.keyPathArray || (saved.keyPath === undefined ? null : saved.keyPath);

	async function readStore(store) {
		const [values, keys] = await Promise.all([done(store.getAll()), done(store.getAllKeys())]);
		return {
			name: store.name,
			...keyPathOf(store),
			autoIncrement: store.autoIncrement,
			indexes: Array.from(store.indexNames, name => {
				const index = store.index(name);
				return { name, ...keyPathOf(index), multiEntry: index.multiEntry, unique: index.unique };
			}),
			records: values.map((value, i) => {
				const record = {};
				if (store.keyPath === null)
					put(record, 'key', keys[i]);
				put(record, 'value', value);
				return record;
			}),
		};
	}

	async function readDatabase({ name, version }) {
		const db = await done(indexedDB.open(name));
		try {
			const names = Array.from(db.objectStoreNames);
			const transaction = names.length ? db.transaction(names, 'readonly') : null;
			return { name, version, stores: await Promise.all(names.map(n => readStore(transaction.objectStore(n)))) };
		} finally {
			db.close(); // an open connection makes the page's own upgrade hang
		}
	}

	// Those that can be saved whole.  One with a Blob or a key of WebCrypto in it is left out: the site makes
	// it anew, and half of one it would not expect.
	async function readDatabases() {
		const all = await Promise.allSettled((await indexedDB.databases()).map(readDatabase));
		return all.filter(one => one.status === 'fulfilled').map(one => one.value);
	}

	async function writeDatabase({ name, version, stores }) {
		await done(indexedDB.deleteDatabase(name));
		const opening = indexedDB.open(name, version);
		opening.onupgradeneeded = () => {
			for (const s of stores) {
				const store = opening.result.createObjectStore(s.name, { keyPath: keyPath(s), autoIncrement: s.autoIncrement });
				for (const i of s.indexes || [])
					store.createIndex(i.name, keyPath(i), { multiEntry: i.multiEntry, unique: i.unique });
			}
		};
		const db = await done(opening);
		try {
			if (!stores.length)
				return;
			const transaction = db.transaction(stores.map(s => s.name), 'readwrite');
			const end = done(transaction);
			for (const s of stores)
				for (const r of s.records)
					if (keyPath(s) === null)
						transaction.objectStore(s.name).put(get(r, 'value'), get(r, 'key'));
					else
						transaction.objectStore(s.name).put(get(r, 'value'));
			await end;
		} finally {
			db.close();
		}
	}

	const items = storage => Object.entries({ ...storage }).map(([name, value]) => ({ name, value }));

	function fill(storage, saved) {
		storage.clear();
		for (const { name, value } of saved || [])
			storage.setItem(name, value);
		return (saved || []).filter(({ name, value }) => storage.getItem(name) !== value).map(({ name }) => name);
	}

	return {
		read: async () => ({
			origin: location.origin,
			localStorage: items(localStorage),
			sessionStorage: items(sessionStorage),
			indexedDB: await readDatabases(),
		}),
		// The names of what did not stay as it was put.
		write: async saved => {
			const lost = [...fill(localStorage, saved.localStorage), ...fill(sessionStorage, saved.sessionStorage)];
			for (const database of saved.indexedDB || []) {
				await writeDatabase(database);
				const now = await readDatabase(database);
				const count = d => d.stores.reduce((sum, s) => sum + s.records.length, 0);
				if (count(now) !== count(database))
					lost.push(database.name);
			}
			return lost;
		},
	};
})()
