/* What can be told from a text's or a field's shape: destinations, lengths of codes, pictures, keys. */

const mask = '[*\\u2022\\u00b7\\u25cf\\u2217xX#\\u2026_.]';
const destinations = [
	/[\w.+*\u2022\u25cf\u2026-]*[*\u2022\u25cf\u2026\u2217.]{2,}[\w.+*\u2022\u25cf\u2026-]*@[\w*\u2022\u25cf\u2026.-]+\w/,
	new RegExp(`\\+?\\(?\\d[\\d ()-]{0,7}(?:${mask}|[ ()-]){2,}[\\d*\\u2022 ()-]*\\d{2,4}`),
	new RegExp(`\\+?(?:[*\\u2022\\u25cf\\u2217xX#][ ()-]{0,2}){2,}\\d{1,5}`),
	/\+?\d[\d ()-]{3,}(?:[*\u2022\u25cf\u2217#][ -]?){3,}/,
	/[\w.+-]+@[\w-]+\.[\w.-]*\w/,
];
const endings = /(?:ending (?:in|with)|ends (?:in|with)|que termina em|terminad[oa] en|terminad[oa] em|termina (?:en|em|con)|termine par|terminant par|endnummer|endziffern|endet auf|eindig\w* op|konczac\w+ (?:sie )?na|(?:за|о)канчивающ\S+ на|המסתיים ב-?|المنتهي ب|末尾|下4桁|끝자리|尾号|末四位)[ :]*(\d{2,4})/;

const mails = [destinations[0], destinations[4]], phones = destinations.slice(1, 4);

function destinationOf(raw, patterns = destinations) {
	if (ascii.test(raw) && !/[\d@]/.test(raw))
		return null;
	for (const pattern of patterns) {
		const found = pattern.exec(raw);
		if (found && /[\d@]/.test(found[0]))
			return found[0].trim().replace(/^[-. ]+/, '');
	}
	return patterns === mails ? null : endings.exec(norm(raw))?.[1] ?? null;
}

/* "six-digit code", "6 Ziffern": how many characters, or 0. */
function digitsSaid(text, words) {
	if (!text || !saysDigits(text, words))
		return 0;
	for (const found of text.matchAll(/(?<![\d.,:])([4-9]|10)(?![\d.,:%])/g)) {
		const rest = text.slice(found.index + found[0].length, found.index + found[0].length + 16).replace(/^[ -]/, '');
		const joined = text.slice(found.index + found[0].length, found.index + found[0].length + 16);
		if (words.list('digits: after').some(phrase => {
			const place = placeOf(rest, phrase) ?? placeOf(joined.trim(), phrase);
			return place && place[0] <= 1;
		}) || /^(?:\S{1,3} )?(?:digit|ספרות|הספרות)/.test(rest))
			return Number(found[0]);
	}
	const names = ['four', 'five', 'six', 'seven', 'eight'];
	for (const name of names)
		for (const { parts: [p] } of words.list('digits: ' + name)) {
			const at = partAt(text, { ...p, right: true }, 0, Infinity);
			if (at < 0)
				continue;
			const rest = text.slice(at + p.text.length, at + p.text.length + 14).replace(/^[ -]/, '');
			if (words.list('digits: after').some(phrase => rest.startsWith(phrase.parts[0].text)))
				return names.indexOf(name) + 4;
		}
	return 0;
}

/* Whether TEXT has any word that follows a number of digits. */
function saysDigits(text, words) {
	words.digitWords ??= ['digit', '\u05e1\u05e4\u05e8\u05d5\u05ea', ...words.names('digits: after').map(name => name.split('...')[0].replaceAll('*', '').trim())];
	return words.digitWords.some(word => text.includes(word));
}

/* What a placeholder shows of the code: "123 456", "------". */
function digitsShown(el) {
	const text = norm(attribute(el, 'placeholder')).replace(/[\s-]+(?=\S)/g, '');
	const dashes = attribute(el, 'placeholder').replace(/\s/g, '');
	if (/^(?:1234567?8?|12345|1234|0{4,8}|9{4,8}|x{4,8}|#{4,8}|[•●·*]{4,8})$/.test(text))
		return text.length;
	if (/^[-_–—]{4,10}$/.test(dashes))
		return dashes.length;
	return /^\d{4,8}$/.test(text) ? text.length : 0;
}

function digitsPattern(el) {
	const pattern = attribute(el, 'pattern');
	const found = /^\^?(?:\\d|\[0-9\]|\[\\d\]|\[0-9a-zA-Z\]|\[a-zA-Z0-9\]|\[A-Z0-9\]|\\w)\{(\d+)\}\$?$/.exec(pattern);
	return found ? Number(found[1]) : /^\^?(?:\\d|\[0-9\])\{3\}\S*(?:\\d|\[0-9\])\{3\}\$?$/.test(pattern) ? 6 : 0;
}

/* A picture right beside the field, as captchas have them; in a place of the two alone, or ANYWHERE. */
function pictureBeside(page, unit, words, anywhere = false) {
	const field = unit.fields[0];
	let around = anywhere ? document : null;
	for (let up = parentOf(field.el), level = 0; up && level < 4 && !anywhere; up = parentOf(up), level++) {
		const span = page.spans.get(up);
		if (!span || others(page, unit, span))
			break;
		around = up;
	}
	for (const { el, state, frame } of page.pictures) {
		if (frame || (state.click && el.localName === 'svg') || !around || !contains(around, el) || !el.checkVisibility(seen))
			continue;
		const box = el.getBoundingClientRect();
		const name = nameText([attribute(el, 'alt'), el.id, classOf(el), attribute(el, 'src').slice(0, 200)].join(' '));
		const named = box.width > 8 && words.said(name, 'names: other: captcha');
		if (!named && (box.width < 50 || box.width > 420 || box.height < 18 || box.height > 160 || box.width < 1.5 * box.height))
			continue;
		const gapX = Math.max(box.left - field.box.right, field.box.left - box.right, 0);
		const gapY = Math.max(box.top - field.box.bottom, field.box.top - box.bottom, 0);
		if (gapX <= 60 && gapY <= 50)
			return true;
	}
	return false;
}

/* A square picture large enough for a QR code. */
const showsQr = page => page.pictures.some(({ el, frame, state }) => {
	if (frame || state.chrome)
		return false;
	const box = el.getBoundingClientRect();
	return box.width >= 90 && box.width <= 500 && Math.abs(box.width - box.height) <= 12 && el.checkVisibility(seen);
});

const secretKey = /(?:\b[a-z2-7]{4}[ -]){3,}[a-z2-7]{2,4}\b|\b(?=[a-z2-7]*[2-7])(?=[a-z2-7]*[a-z])[a-z2-7]{16,64}\b/i;
