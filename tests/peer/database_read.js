// Everything that the origin's IndexedDB and localStorage hold, with its kinds, as one text.
(async () => {
	const done = request => new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
	const hash = text => Array.from(text).reduce((h, c) => (Math.imul(h, 31) + c.codePointAt(0)) | 0, 7);
	function told(v, seen = []) {
		const kind = Object.prototype.toString.call(v).slice(8, -1);
		if (typeof v === 'string')
			return v.length > 100 ? `String of ${v.length}, ${hash(v)}` : JSON.stringify(v);
		if (v === null || typeof v !== 'object')
			return `${Object.is(v, -0) ? '-0' : String(v)}${typeof v === 'bigint' ? 'n' : ''}`;
		if (seen.includes(v))
			return `^${seen.length - seen.indexOf(v)}`;
		const path = [...seen, v], each = list => Array.from(list, one => told(one, path)).join(' ');
		if (kind === 'Date')
			return `Date(${v.getTime()})`;
		if (kind === 'RegExp')
			return `RegExp(${v})`;
		if (kind === 'Error')
			return `Error(${v.name}: ${v.message})`;
		if (kind === 'ArrayBuffer')
			return `ArrayBuffer(${each(new Uint8Array(v))})`;
		if (ArrayBuffer.isView(v))
			return `${kind}(${each(v)})`;
		if (kind === 'Array' || kind === 'Set')
			return `${kind}(${each(v)})`;
		if (kind === 'Map')
			return `Map(${Array.from(v, ([k, one]) => `${told(k, path)} => ${told(one, path)}`).join(' ')})`;
		const same = Object.values(v).some((one, i, all) => typeof one === 'object' && one && all.indexOf(one) < i);
		return `${kind}${same ? '!' : ''}{${Object.entries(v).map(([k, one]) => `${k}: ${told(one, path)}`).join(' ')}}`;
	}
	const lines = [`localStorage.token: ${localStorage.token}`];
	const databases = (await indexedDB.databases()).sort((a, b) => a.name < b.name ? -1 : 1);
	for (const { name, version } of databases) {
		const db = await done(indexedDB.open(name));
		lines.push(`database ${name}, version ${version}`);
		for (const storeName of db.objectStoreNames) {
			const store = db.transaction(storeName).objectStore(storeName);
			lines.push(`store ${storeName}, ${told(store.keyPath)}, ${store.autoIncrement}`);
			for (const indexName of store.indexNames) {
				const index = store.index(indexName), keys = await done(index.getAllKeys());
				lines.push(`index ${indexName}, ${told(index.keyPath)} ${index.multiEntry} ${index.unique} ${told(keys)}`);
			}
			const keys = await done(store.getAllKeys()), values = await done(store.getAll());
			keys.forEach((key, i) => lines.push(`${told(key)} = ${told(values[i])}`));
		}
		db.close();
	}
	return lines.join('\n');
})()
