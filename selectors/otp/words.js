/* The vocabulary (otp.json), and phrases of it in texts. */

const GAP = 40; /* what "..." in a phrase stands for */

const ascii = /^[\x00-\x7f]*$/;
const marks = /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const odd = /[ßıłøđæœ\u2018\u2019\u2032\u201c-\u201f\u05f4\u05f3\u2010-\u2015\u2212\u0649\u0629\u0660-\u0669\u06f0-\u06f9\u06cc\u06a9]/g;
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

/* Lower case, without accents, with one kind of dash, quote, digit and space. */
function norm(text) {
	if (!text)
		return '';
	if (!ascii.test(text))
		text = text.normalize('NFKC').toLowerCase().normalize('NFD').replace(marks, '').normalize('NFC').replace(odd, plain);
	return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

const wordChar = /[\p{L}\p{N}]/u;
const unbounded = /[\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

function inWord(text, at) {
	const code = text.charCodeAt(at);
	if (code < 128)
		return (code > 96 && code < 123) || (code > 47 && code < 58);
	return at >= 0 && at < text.length && !unbounded.test(text[at]) && wordChar.test(text[at]);
}

function part(text) {
	const free = unbounded.test(text);
	const left = free || text[0] === '*', right = free || text.at(-1) === '*';
	const core = text.replace(/^\*|\*$/g, '').trim();
	return { text: core, left: left || !inWord(core, 0), right: right || !inWord(core, core.length - 1) };
}

/* Two letters as a number, by which most phrases are known to be absent without being looked for. */
const PAIRS = 4096;
const pair = (text, at) => (text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) & (PAIRS - 1);

function pairsOf(text) {
	const pairs = new Uint8Array(PAIRS);
	for (let i = 0; i + 1 < text.length; i++)
		pairs[pair(text, i)] = 1;
	return pairs;
}

class Phrase {
	constructor(name) {
		this.name = name;
		let to = name.indexOf('...');
		to = to < 0 ? name.length : to;
		const from = name.charCodeAt(0) === 42 ? 1 : 0;
		if (name.charCodeAt(to - 1) === 42)
			to--;
		this.size = to - from;
		this.first = this.size > 1 ? pair(name, from) : 0;
		this.last = this.size > 1 ? pair(name, to - 2) : 0;
		this.cut = null;
	}

	get parts() {
		return this.cut ??= this.name.split('...').map(part).filter(p => p.text);
	}

	mayBeIn(pairs) {
		return this.size < 2 || (pairs[this.first] && pairs[this.last]);
	}
}

const unlike = /[A-Z\u00a0-\u036f\u0419\u0401\u0439\u0451\u0591-\u05c7\u05f3\u05f4\u0622-\u0626\u0629\u0640\u0649\u064b-\u0652\u2000-\u206f\u3000\uff00-\uffef]/;

function phrases(lists) {
	const out = [];
	for (const list of lists)
		for (const one of (unlike.test(list) ? norm(list) : list).split(','))
			if (one.trim())
				out.push(new Phrase(one.trim()));
	return out;
}

function partAt(text, p, from, limit) {
	for (let at = text.indexOf(p.text, from); at >= 0 && at <= limit; at = text.indexOf(p.text, at + 1))
		if ((p.left || !inWord(text, at - 1)) && (p.right || !inWord(text, at + p.text.length)))
			return at;
	return -1;
}

/* Where PHRASE stands in TEXT: [from, to], or null. */
function placeOf(text, { parts }) {
	if (!parts.length)
		return null;
	for (let at = partAt(text, parts[0], 0, Infinity); at >= 0; at = partAt(text, parts[0], at + 1, Infinity)) {
		let end = at + parts[0].text.length, found = true;
		for (let i = 1; i < parts.length && found; i++) {
			const next = partAt(text, parts[i], end, end + GAP);
			found = next >= 0;
			end = next + parts[i].text.length;
		}
		if (found)
			return [at, end];
		if (parts.length === 1)
			return null;
	}
	return null;
}

/* The vocabulary, made ready once; said() remembers its answers. */
class Words {
	constructor(data) {
		this.weights = data.weights;
		this.threshold = data.threshold;
		this.data = data;
		this.lists = new Map();
		this.answers = new Map();
		this.known = new Map();
		this.autocomplete = new Set(data.autocomplete.other.split(' '));
		this.others = Object.keys(data.other);
		this.otherNames = Object.keys(data.names.other);
	}

	list(concept) {
		let list = this.lists.get(concept);
		if (!list) {
			const [group, ...rest] = concept.split(': ');
			const found = rest.reduce((data, key) => data?.[key], this.data[group]);
			list = phrases(typeof found === 'string' ? [found] : Object.values(found ?? {}).filter(one => typeof one === 'string'));
			this.lists.set(concept, list);
		}
		return list;
	}

	/* The first phrase of CONCEPT that TEXT has, or ''. */
	said(text, concept) {
		if (!text)
			return '';
		let answers = this.answers.get(concept);
		if (!answers)
			this.answers.set(concept, answers = new Map());
		let answer = answers.get(text);
		if (answer === undefined) {
			const pairs = this.pairs(text);
			answer = this.list(concept).find(phrase => phrase.mayBeIn(pairs) && placeOf(text, phrase))?.name ?? '';
			if (answers.size > 500)
				answers.clear();
			answers.set(text, answer);
		}
		return answer;
	}

	pairs(text) {
		let pairs = this.known.get(text);
		if (!pairs) {
			if (this.known.size > 300)
				this.known.clear();
			this.known.set(text, pairs = pairsOf(text));
		}
		return pairs;
	}

	has(text, concept) {
		return this.said(text, 'words: ' + concept);
	}

	/* TEXT without what it says of CONCEPT. */
	without(text, concept) {
		if (!this.has(text, concept))
			return text;
		const pairs = this.pairs(text);
		for (const phrase of this.list('words: ' + concept).filter(one => one.mayBeIn(pairs)))
			for (let place; (place = placeOf(text, phrase));)
				text = text.slice(0, place[0]) + ' \u0001 ' + text.slice(place[1]);
		return text;
	}
}
