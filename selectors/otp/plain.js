/* Texts in the one form in which words are looked for. */

const ascii = /^[\x00-\x7f]*$/;
const marks = /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const odd = /[ßıłøđæœ\u05be\u2018\u2019\u2032\u201c-\u201f\u05f4\u05f3\u2010-\u2015\u2212\u0649\u0629\u0660-\u0669\u06f0-\u06f9\u06cc\u06a9]/g;
const plainer = { 'ß': 'ss', 'ı': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'æ': 'ae', 'œ': 'oe', '\u05f4': '"', '\u05f3': "'",
	'\u0649': '\u064a', '\u0629': '\u0647', '\u06cc': '\u064a', '\u06a9': '\u0643' };

function plain(char) {
	const code = char.charCodeAt(0);
	if (code >= 0x660 && code <= 0x669)
		return String(code - 0x660);
	if (code >= 0x6f0 && code <= 0x6f9)
		return String(code - 0x6f0);
	if (code >= 0x201c && code <= 0x201f)
		return '"';
	return plainer[char] ?? (code === 0x2018 || code === 0x2019 || code === 0x2032 ? "'" : '-');
}

/* Signs that need no more than odd: normalizing is slow at first. */
const simple = /^[\x00-\x7f\u00a0\u00a9\u00ae\u00b0\u00b7\u00d7\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u20ac\u2190-\u2193\u25cf\u2605\u2606\u2713]*$/;

/* Lower case, without accents, with one kind of dash, quote, digit and space. */
function norm(text) {
	if (!text)
		return '';
	if (ascii.test(text))
		return text.toLowerCase().replace(/\s+/g, ' ').trim();
	if (simple.test(text))
		text = text.replace(odd, plain);
	else
		text = text.normalize('NFKC').toLowerCase().normalize('NFD').replace(marks, '').normalize('NFC').replace(odd, plain);
	return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
