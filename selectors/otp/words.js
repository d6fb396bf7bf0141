/* The vocabulary as scrapers/vocabulary.c makes it of otp.json, and its phrases in texts. */

const GAP = 40; /* what "..." in a phrase stands for */
const LIST_BITS = 15, START = 4, START_MIN = 3, END = 3, INSIDE = 8; /* vocabulary.c has the same */
const KNOWN_MAX = 4000;

const letters = /[a-z0-9\u03b1-\u03c9\u0430-\u045f]+/g;
const beyond = /[\u0250-\u200f\u3000-\ud7af]/; /* letters beyond Latin, roughly */
const unbounded = /[\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
const isUnbounded = code => code >= 0x590 && (code <= 0x6ff || (code >= 0xe00 && code <= 0xe7f) || (code >= 0x3040 && code <= 0x30ff)
	|| (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af));

function inWord(text, at) {
	const code = text.charCodeAt(at);
	if (code < 128)
		return (code > 96 && code < 123) || (code > 47 && code < 58);
	/* What is common first: the expression for all letters is slow to make. */
	if ((code >= 0xc0 && code <= 0x24f) || (code >= 0x3b1 && code <= 0x3c9) || (code >= 0x430 && code <= 0x45f))
		return code !== 0xd7 && code !== 0xf7;
	if (!(code >= 0x250) || (code >= 0x2010 && code <= 0x2060) || (code >= 0x2190 && code <= 0x245f) || (code >= 0x3008 && code <= 0x3020) || (code >= 0xd800 && code <= 0xf8ff) || isUnbounded(code))
		return false;
	return /[\p{L}\p{N}]/u.test(text[at]);
}

/* A part of a phrase, and whether words of the text may go on at its ends. */
function part(text) {
	const free = unbounded.test(text);
	const left = free || text.startsWith('*'), right = free || text.endsWith('*');
	const core = text.slice(text.startsWith('*') ? 1 : 0, text.endsWith('*') ? -1 : undefined).trim();
	return { text: core, left: left || !inWord(core, 0), right: right || !inWord(core, core.length - 1) };
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

/* What a page is judged with.  A phrase is looked for only in texts that have its key; answers are remembered. */
class Words {
	constructor(texts) {
		this.texts = texts;
		this.index = JSON.parse(texts[0]);
		this.more = null;   /* the index for words of other letters, once there are any */
		this.lists = null;
		this.weights = this.index.weights;
		this.threshold = this.index.threshold;
		this.autocomplete = new Set(this.index.autocomplete.other.split(' '));
		this.others = this.index.concepts.filter(name => name.startsWith('other: '));
		this.otherNames = this.index.concepts.filter(name => name.startsWith('names: other: '));
		this.phrases = new Map();
		this.words = new Map();
		this.readings = new Map();
	}

	listOf(concept) {
		this.lists ??= this.texts[2].split('\n');
		return this.lists[concept];
	}

	/* The phrase of a NUMBER: its concept, and where it begins in the concept's list. */
	phrase(number) {
		let phrase = this.phrases.get(number);
		if (!phrase) {
			const list = this.listOf(number >> LIST_BITS), at = number & ((1 << LIST_BITS) - 1);
			const name = list.slice(at, list.indexOf(',', at));
			this.phrases.set(number, phrase = { name, parts: name.split('...').map(part).filter(p => p.text) });
		}
		return phrase;
	}

	/* How the phrases of CONCEPT are written. */
	names(concept) {
		return this.listOf(this.index.concepts.indexOf(concept)).split(',').slice(0, -1);
	}

	/* All phrases of CONCEPT. */
	list(concept) {
		const number = this.index.concepts.indexOf(concept), list = this.listOf(number), out = [];
		for (let at = 0; at < list.length; at = list.indexOf(',', at) + 1)
			out.push(this.phrase((number << LIST_BITS) + at));
		return out;
	}

	/* Numbers of the phrases below the keys that WORD has; null: none. */
	ofWord(word) {
		let found = this.words.get(word);
		if (found !== undefined)
			return found;
		const out = [];
		const take = numbers => {
			if (typeof numbers === 'number')
				out.push(numbers);
			else if (Array.isArray(numbers))
				out.push(...numbers);
		};
		for (const index of ascii.test(word) ? [this.index] : [this.index, this.more]) {
			take(index.whole[word]);
			if (word.length >= START_MIN) {
				take(index.starts[word.slice(0, START_MIN)]);
				if (word.length >= START)
					take(index.starts[word.slice(0, START)]);
				take(index.ends[word.slice(-END)]);
			}
			if (word.length >= INSIDE)
				for (const key in index.inside)
					if (word.includes(key))
						take(index.inside[key]);
		}
		found = out.length ? out : null;
		if (this.words.size > KNOWN_MAX)
			this.words.clear();
		this.words.set(word, found);
		return found;
	}

	/* What TEXT may say: numbers of phrases by concept, and the answers found so far; null: nothing at all. */
	reading(text) {
		let reading = this.readings.get(text);
		if (reading !== undefined)
			return reading;
		reading = this.index.rest.length ? this.note(null, this.index.rest) : null;
		const free = beyond.test(text);
		if (free) {
			this.more ??= JSON.parse(this.texts[1]);
			if (this.more.rest.length)
				reading = this.note(reading, this.more.rest);
		}
		for (const word of text.match(letters) ?? []) {
			const numbers = this.ofWord(word);
			if (numbers)
				reading = this.note(reading, numbers);
		}
		if (free)
			for (let at = text.search(beyond); at < text.length; at++) {
				if (!isUnbounded(text.charCodeAt(at)))
					continue;
				const one = this.more.pairs[text[at]], two = this.more.pairs[text.slice(at, at + 2)];
				if (one !== undefined)
					reading = this.note(reading, one);
				if (two !== undefined)
					reading = this.note(reading, two);
			}
		if (this.readings.size > KNOWN_MAX)
			this.readings.clear();
		this.readings.set(text, reading);
		return reading;
	}

	note(reading, numbers) {
		reading ??= { may: {}, said: {} };
		for (const number of typeof numbers === 'number' ? [numbers] : numbers)
			(reading.may[this.index.concepts[number >> LIST_BITS]] ??= []).push(number);
		return reading;
	}

	/* The first phrase of CONCEPT that TEXT has, or ''. */
	said(text, concept) {
		const reading = text ? this.reading(text) : null;
		const numbers = reading?.may[concept];
		if (!numbers)
			return '';
		return reading.said[concept] ??= this.first(text, numbers);
	}

	first(text, numbers) {
		numbers.sort((a, b) => a - b);
		for (const number of numbers)
			if (placeOf(text, this.phrase(number)))
				return this.phrase(number).name;
		return '';
	}

	has(text, concept) {
		return this.said(text, concept);
	}

	/* TEXT without what it says of CONCEPT. */
	without(text, concept) {
		if (!this.said(text, concept))
			return text;
		for (const number of this.reading(text).may[concept])
			for (let place; (place = placeOf(text, this.phrase(number)));)
				text = text.slice(0, place[0]) + ' \u0001 ' + text.slice(place[1]);
		return text;
	}
}
