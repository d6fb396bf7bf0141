/* Looks what this document asks of a person: a one-time code, and where it is to be typed, or something that
 * stands in its way.  Runs in an isolated world of each frame, reads, and changes nothing.
 *
 * The road: survey() reads the visible document once, shadow trees included, into texts, fields and controls in
 * reading order.  Fields become units: one field, a row of boxes, or the real input behind painted slots.  Each
 * unit is judged by evidence for and against, each with a name and a weight; words and weights are in otp.json.
 * The best unit over the threshold is a code; else the page may want something else (page kinds, below).
 *
 * A verdict has kind ("code", "choose_method", "push", "captcha", "recovery", "webauthn" or "none"), score and evidence.
 * Of a code: fields (selectors, in typing order), layout, digits (0: not known), charset, filled, disabled, submit, resend,
 * trigger (what sends the code first), trustDevice, each with its selector or null; submitDisabled, resendDisabled; channel,
 * destination; expiresIn, resendIn, retryAfter (seconds or null); problem ("wrong", "expired", "too_many" or null) with the
 * page's message.  Of choose_method: choices, each with label, channel, destination, selector.  Of none: best, what came
 * nearest; closed: there may be closed shadow roots, which the driver can open. */
(() => {
	const BOXES_MIN = 4, BOXES_MAX = 10;
	const FIELDS_MAX = 400;
	const OWN_TEXT = 160, NEAR_BEFORE = 1400, NEAR_AFTER = 900, SCOPE_TEXT = 3000, PAGE_TEXT = 5000;
	const TEXTS_FREE = 300, TEXTS_MAX = 1200; /* read anyway; read near fields */
	const CLOSE_LEVELS = 4, CLOSE_CHILDREN = 60, CLOSE_SIBLINGS = 8, LAST = 3, HOSTS_MAX = 40;
	const KEEP_MS = 1000, RECORDS_MAX = 500, LOOK_MS = 50;
	const CLICKS_AWAY = 40; /* texts between a field and what is pressed for it */
	const GAP = 40; /* what "..." in a phrase stands for */

	/* ---- words ---- */

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

	/* ---- the document ---- */

	/* Those that the driver has opened for us (open(), below), for its own engine too. */
	const closedRoots = (globalThis.gabbai ??= {}).closedRoots ??= new WeakMap();
	const rootOf = el => el.shadowRoot ?? closedRoots.get(el) ?? null;

	function parentOf(el) {
		return el.assignedSlot ?? el.parentElement ?? (el.parentNode instanceof ShadowRoot ? el.parentNode.host : null);
	}

	function closest(el, selector) {
		for (let up = el; up; up = parentOf(up))
			if (up.matches(selector))
				return up;
		return null;
	}

	function contains(outer, inner) {
		for (let up = inner; up; up = parentOf(up))
			if (up === outer)
				return true;
		return false;
	}

	const skipped = new Set(['script', 'style', 'noscript', 'template', 'head', 'option', 'optgroup', 'datalist', 'object', 'video',
		'audio', 'map', 'meta', 'link', 'title', 'br', 'hr', 'wbr', 'source', 'path']);
	const inline = new Set(['a', 'abbr', 'b', 'bdi', 'bdo', 'big', 'cite', 'code', 'em', 'font', 'i', 'ins', 'kbd', 'mark', 'q', 's', 'samp',
		'small', 'span', 'strong', 'sub', 'sup', 'time', 'tt', 'u', 'var']);
	const textTypes = new Set(['text', 'tel', 'number', 'password', 'search']);
	const pressTypes = new Set(['submit', 'button', 'image', 'reset']);
	const landmark = /^(?:navigation|banner|contentinfo|complementary|search)$/;
	const clickRole = /^(?:button|link|menuitem|tab|option|radio)$/;
	const clickClass = /(?:^|[\s_-])(?:btn|button|link|resend|clickable)(?:$|[\s_-])/i;
	const alertClass = /(?:^|[\s_-])(?:error|errors|invalid|danger|alert|warning|fail|failed|feedback|err)(?:$|[\s_-])/i;
	const hostNames = /-|^(?:div|section|main|article)$/; /* of what may have a shadow root */
	const headClass = /(?:^|[\s_-])(?:title|heading|headline)(?:$|[\s_-])/i;
	const dialogs = 'dialog, [role=dialog], [role=alertdialog], [aria-modal=true]';

	const seen = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: false };
	const attribute = (el, name) => el.getAttribute(name) ?? '';
	const classOf = el => typeof el.className === 'string' ? el.className : attribute(el, 'class');
	const telling = /title|head|btn|button|link|resend|clickable|err|invalid|danger|alert|warning|fail|feedback/i;
	const plainNames = new Set(['div', 'span', 'p', 'b', 'i', 'em', 'strong', 'li', 'ul', 'ol', 'td', 'tr', 'table', 'tbody', 'small', 'center']);

	/* Where to read closely: what has fields or dialogs in it, by how far up; filled by scan(). */
	class Places {
		constructor() {
			this.levels = new Map();
			this.whole = new Set();
			this.roots = [];
		}

		mark(el) {
			for (let up = el, level = 0; up; up = parentOf(up), level++) {
				const known = this.levels.get(up);
				if (known !== undefined && known <= level)
					return;
				this.levels.set(up, level);
			}
		}
	}

	const markedFields = 'input:not([type=hidden]), textarea, [contenteditable], [role=textbox]';

	function scan(root, places) {
		for (const el of root.querySelectorAll(markedFields))
			places.mark(el);
		for (const el of root.querySelectorAll(dialogs)) {
			places.mark(el);
			places.whole.add(el);
		}
		for (const el of root.querySelectorAll('*')) {
			const inner = rootOf(el);
			if (inner) {
				places.mark(el);
				places.roots.push(inner);
				scan(inner, places);
			}
		}
	}

	/* Reads the document in the order of the flat tree: the first TEXTS_FREE texts, and then only what stands
	 * near fields, in dialogs and at the end. */
	class Survey {
		constructor() {
			this.texts = [];
			this.fields = [];
			this.choices = [];
			this.clicks = [];
			this.pictures = [];
			this.spans = new Map();
			this.dialogs = [];
			this.hosts = [];
			this.block = null;
			this.places = new Places();
			if (!document.body)
				return;
			scan(document, this.places);
			for (let el = document.body.lastElementChild, n = 0; el && n < LAST; el = el.previousElementSibling)
				if (!skipped.has(el.localName)) {
					this.places.whole.add(el);
					n++;
				}
			this.visit(document.body, { faint: false, chrome: false, held: false, heading: false, label: null, alert: false, click: null, whole: false });
		}

		say(data, el, state) {
			const text = data.trim();
			if (!text)
				return;
			if (!this.block || this.block.state !== state)
				this.texts.push(this.block = { raw: text, el, state, said: null, index: this.texts.length });
			else
				this.block.raw += ' ' + text;
		}

		field(el, state) {
			const type = el.localName === 'textarea' ? 'textarea' : el.localName === 'input' ? el.type : 'editable';
			if (this.fields.length < FIELDS_MAX)
				this.fields.push({ el, type, state, at: this.texts.length, box: null });
		}

		input(el, state) {
			const type = el.type;
			if (type === 'checkbox' || type === 'radio')
				this.choices.push({ el, state, at: this.texts.length });
			else if (pressTypes.has(type))
				this.clicks.push({ el, state, at: this.texts.length, to: this.texts.length, text: el.value || el.alt || attribute(el, 'aria-label'), strong: true });
			else if (type !== 'range' && type !== 'color' && type !== 'file')
				this.field(el, state);
		}

		visit(el, state) {
			const name = el.localName;
			if (skipped.has(name) || (name === 'input' && el.type === 'hidden'))
				return;
			if (!el.checkVisibility(seen)) {
				if (!el.checkVisibility())
					return;
				if (!state.faint)
					state = { ...state, faint: true };
			}
			switch (name) {
			case 'input':
				return this.input(el, state);
			case 'textarea':
				return this.field(el, state);
			case 'select':
				this.choices.push({ el, state, at: this.texts.length });
				return;
			case 'img': case 'canvas': case 'svg': case 'picture':
				if (!state.faint)
					this.pictures.push({ el, state, at: this.texts.length });
				return;
			case 'iframe': case 'frame':
				this.pictures.push({ el, state, at: this.texts.length, frame: true });
				return;
			}
			if (!el.inert)
				this.enter(el, name, state);
		}

		/* What EL is for what stands in it; STATE itself when it is nothing. */
		stateOf(el, name, state) {
			const role = attribute(el, 'role'), css = classOf(el);
			const named = telling.test(css) || telling.test(el.id);
			if (!role && !named && plainNames.has(name) && !el.hasAttribute('aria-live') && !el.hasAttribute('onclick') && !el.hasAttribute('aria-modal'))
				return state;
			let next = state;
			const set = (key, value) => {
				if (next[key] === value)
					return;
				if (next === state)
					next = { ...state };
				next[key] = value;
			};
			if (name === 'nav' || name === 'aside' || landmark.test(role) || ((name === 'header' || name === 'footer') && !state.held))
				set('chrome', true);
			if (name === 'main' || name === 'form' || name === 'article' || name === 'section' || role === 'main')
				set('held', true);
			if (name === 'dialog' || role === 'dialog' || role === 'alertdialog' || attribute(el, 'aria-modal') === 'true') {
				set('chrome', false);
				set('held', true);
				this.dialogs.push(el);
			}
			if (/^h[1-6]$/.test(name) || name === 'legend' || role === 'heading' || (named && headClass.test(css) && name !== 'body'))
				set('heading', true);
			if (name === 'label')
				set('label', el);
			if (role === 'alert' || role === 'status' || el.hasAttribute('aria-live') || (named && (alertClass.test(css) || alertClass.test(el.id))))
				set('alert', true);
			const strong = name === 'button' || name === 'a' || name === 'summary' || clickRole.test(role) || name.endsWith('-button');
			const weak = !strong && !state.click && name !== 'form' && name !== 'body' && name !== 'label'
				&& (el.hasAttribute('onclick') || (named && clickClass.test(css) && el.childElementCount < 3));
			if (strong || weak) {
				set('click', el);
				this.clicks.push({ el, state: next, at: this.texts.length, to: this.texts.length, text: null, strong });
			}
			return next;
		}

		enter(el, name, state) {
			const inner = el.hasAttributes() || !plainNames.has(name) ? this.stateOf(el, name, state) : state;
			const click = inner.click === el ? this.clicks.at(-1) : null;
			if (el.isContentEditable && !el.parentElement?.isContentEditable) {
				this.field(el, state);
				if (el.childElementCount === 0)
					return;
			}
			const apart = inner !== state || !inline.has(name);
			const from = this.texts.length, firstField = this.fields.length, firstClick = this.clicks.length - (click ? 1 : 0);
			if (apart)
				this.block = null;
			this.children(el, name, inner);
			if (apart)
				this.block = null;
			this.spans.set(el, [from, this.texts.length, firstField, this.fields.length, firstClick, this.clicks.length]);
			if (click)
				click.to = this.texts.length;
		}

		children(el, name, state) {
			const root = rootOf(el);
			if (name === 'slot') {
				const assigned = el.assignedNodes({ flatten: true });
				for (const node of assigned)
					this.node(node, el, state, true);
				if (assigned.length)
					return;
			}
			if (!root && !el.firstElementChild && hostNames.test(name) && this.hosts.length < HOSTS_MAX && !el.textContent.trim())
				this.hosts.push(el);
			const level = this.places.levels.get(el);
			const whole = state.whole || this.places.whole.has(el) || (level !== undefined && level <= CLOSE_LEVELS && el.childElementCount <= CLOSE_CHILDREN);
			if (whole && !state.whole && this.texts.length >= TEXTS_FREE)
				state = { ...state, whole: true };
			for (let node = (root ?? el).firstChild; node; node = node.nextSibling)
				this.node(node, el, state, whole);
		}

		node(node, parent, state, whole) {
			if (node.nodeType === 1) {
				if (this.texts.length < TEXTS_FREE || (whole && this.texts.length < TEXTS_MAX) || this.places.levels.has(node)
						|| this.places.whole.has(node) || this.isClose(node, parent))
					this.visit(node, state);
			} else if (node.nodeType === 3 && !state.faint) {
				this.say(node.data, parent, state);
			}
		}

		/* Beside something that has a field not far below. */
		isClose(node, parent) {
			const level = this.places.levels.get(parent);
			if (level === undefined || level > 2 * CLOSE_LEVELS)
				return false;
			for (const step of ['nextElementSibling', 'previousElementSibling'])
				for (let one = node, n = 0; one && n < CLOSE_SIBLINGS; one = one[step], n++)
					if (this.places.levels.has(one))
						return true;
			return false;
		}
	}

	const wordsOf = block => block.said ??= norm(block.raw);

	function clickText(page, click) {
		if (click.said === undefined) {
			let text = click.text ?? page.texts.slice(click.at, click.to).map(t => t.raw).join(' ');
			text = text.slice(0, 120) || attribute(click.el, 'aria-label') || attribute(click.el, 'title') || attribute(click.el, 'alt') || '';
			click.said = norm(text);
		}
		return click.said;
	}

	/* ---- fields and units ---- */

	function measure(f) {
		const { el } = f;
		const box = f.box = el.getBoundingClientRect();
		const style = getComputedStyle(el);
		f.ghost = f.state.faint || style.opacity === '0' || box.width <= 2 || box.height <= 2
			|| (style.clipPath !== 'none' && box.width < 4) || style.clip === 'rect(0px, 0px, 0px, 0px)';
		f.away = box.right < -400 || box.bottom + scrollY < -400 || box.left > innerWidth + 4000 || (style.visibility !== 'visible');
		f.text = textTypes.has(f.type) || f.type === 'editable' || f.type === 'textarea';
		f.max = el.maxLength ?? -1;
		if (f.max < 0 || f.max > 100)
			f.max = f.max > 100 ? 100 : -1;
		if (f.max < 0 && f.type === 'number' && attribute(el, 'max') === '9')
			f.max = 1;
		f.readOnly = Boolean(el.readOnly);
		f.disabled = Boolean(el.disabled) || attribute(el, 'aria-disabled') === 'true';
		f.value = f.type === 'editable' ? el.textContent.trim() : el.value ?? '';
	}

	const narrow = f => f.box.width >= 10 && f.box.width <= 100 && f.box.width <= Math.max(1.8 * f.box.height, 40) && f.box.height <= 140;

	function likeBox(f) {
		if (!f.text || f.ghost || f.away || f.type === 'textarea' || f.type === 'search')
			return false;
		if (f.type === 'editable')
			return narrow(f) && f.value.length <= 1;
		return f.max === 1 ? f.box.width <= 180 : narrow(f);
	}

	const sameRow = (a, b) => Math.abs(a.box.top + a.box.height / 2 - b.box.top - b.box.height / 2) <= 8
		&& Math.abs(a.box.height - b.box.height) <= 6 && Math.abs(a.box.width - b.box.width) <= 0.3 * Math.max(a.box.width, b.box.width) + 4;

	/* Runs of boxes for one character each that stand in a row. */
	function rowsOf(fields) {
		const rows = [];
		let run = [];
		const flush = () => {
			const singles = run.filter(f => f.max === 1).length, open = run.filter(f => f.max < 0).length;
			const whole = run.every(f => f.max === run.length);
			if (run.length >= BOXES_MIN && run.length <= BOXES_MAX && (singles + open >= run.length - 2 || whole) && (singles || open || whole))
				rows.push(run);
			run = [];
		};
		for (const f of fields) {
			if (!f.text || f.ghost || f.away)
				continue;
			const fits = likeBox(f) && (!run.length || (sameRow(run[0], f) && f.el.form === run[0].el.form));
			if (!fits)
				flush();
			if (likeBox(f))
				run.push(f);
		}
		flush();
		return rows;
	}

	/* The number in a box's name or label, by which pages that stand in another order say their own. */
	function ordered(row) {
		const numbers = row.map(({ el }) => {
			const found = /(\d+)\D*$/.exec(el.name || el.id || '') ?? /(\d+)/.exec(attribute(el, 'aria-label'));
			return found ? Number(found[1]) : -1;
		});
		const falling = numbers.every((n, i) => n >= 0 && (i === 0 || n === numbers[i - 1] - 1));
		return falling ? [...row].reverse() : row;
	}

	/* How many equal slots are painted around EL; 0: none. */
	function slotsAround(el) {
		for (let up = parentOf(el), level = 0; up && level < 4; up = parentOf(up), level++) {
			const parts = [...up.querySelectorAll('*')];
			if (parts.length > 90)
				break;
			const groups = new Map();
			for (const one of parts) {
				if (one === el || one.childElementCount > 2 || skipped.has(one.localName) || (one.textContent ?? '').trim().length > 1)
					continue;
				const box = one.getBoundingClientRect();
				if (box.width < 12 || box.width > 130 || box.height < 14 || box.height > 140)
					continue;
				const key = `${Math.round(box.top / 4)} ${Math.round(box.width / 3)} ${Math.round(box.height / 3)}`;
				const lefts = groups.get(key) ?? groups.set(key, new Set()).get(key);
				lefts.add(Math.round(box.left));
			}
			const counts = [...groups.values()].map(lefts => lefts.size).filter(n => n >= BOXES_MIN && n <= BOXES_MAX);
			if (counts.length)
				return Math.max(...counts);
		}
		return 0;
	}

	/* What could be typed into: each with fields (in typing order) and how it is laid out. */
	function unitsOf(page) {
		page.fields.forEach(measure);
		const units = [];
		const taken = new Set();
		const ghosts = page.fields.filter(f => f.text && f.ghost && !f.away && !f.disabled && f.type !== 'textarea');
		for (const row of rowsOf(page.fields)) {
			row.forEach(f => taken.add(f));
			/* Boxes that only show what a real input beside them holds. */
			const shown = row.every(f => f.readOnly || f.disabled || f.el.tabIndex < 0);
			const real = shown && ghosts.find(g => !taken.has(g) && contains(parentOf(parentOf(row[0].el)) ?? document.body, g.el));
			if (real) {
				taken.add(real);
				units.push({ layout: 'slots', fields: [real], slots: row.length });
			} else {
				units.push({ layout: 'boxes', fields: ordered(row) });
			}
			for (const g of ghosts)
				if (!taken.has(g) && contains(parentOf(parentOf(row[0].el)) ?? document.body, g.el))
					taken.add(g);
		}
		for (const f of page.fields) {
			if (taken.has(f) || !f.text || f.away)
				continue;
			if (f.ghost) {
				const slots = ghosts.includes(f) ? slotsAround(f.el) : 0;
				if (slots)
					units.push({ layout: 'slots', fields: [f], slots });
				continue;
			}
			units.push({ layout: 'single', fields: [f] });
		}
		return joinHalves(units);
	}

	/* "123 - 456": two or three short fields of the same size in a row. */
	function joinHalves(units) {
		const out = [];
		for (let i = 0; i < units.length; i++) {
			const group = [units[i]];
			const first = units[i].fields[0];
			const short = u => u.layout === 'single' && u.fields[0].max >= 2 && u.fields[0].max <= 4;
			while (short(units[i]) && i + 1 < units.length && short(units[i + 1]) && sameRow(first, units[i + 1].fields[0])
					&& units[i + 1].fields[0].max === first.max)
				group.push(units[++i]);
			const total = group.length * first.max;
			if (group.length >= 2 && group.length <= 3 && total >= 6 && total <= 9)
				out.push({ layout: 'halves', fields: group.map(u => u.fields[0]) });
			else
				out.push(...group);
		}
		return out;
	}

	/* ---- texts around a unit ---- */

	const isEntry = f => f.text || ['email', 'url', 'date', 'month', 'time'].includes(f.type);

	/* What the unit itself is called. */
	function ownText(page, unit) {
		const texts = [];
		for (const { el } of unit.fields.slice(0, 2)) {
			texts.push(attribute(el, 'aria-label'), attribute(el, 'placeholder'), attribute(el, 'title'), attribute(el, 'data-placeholder'),
				attribute(el, 'aria-placeholder'), attribute(el, 'label'));
			for (const label of el.labels ?? [])
				texts.push(label.textContent);
			for (const id of attribute(el, 'aria-labelledby').split(/\s+/))
				texts.push(id && el.getRootNode().getElementById?.(id)?.textContent);
			const host = el.getRootNode().host;
			if (host)
				texts.push(attribute(host, 'label'), attribute(host, 'placeholder'), attribute(host, 'aria-label'));
		}
		const group = closest(unit.fields[0].el, 'fieldset, [role=group]');
		if (unit.fields.length > 1 && group)
			texts.push(attribute(group, 'aria-label'), group.querySelector('legend')?.textContent);
		let own = texts.filter(Boolean).map(text => text.trim().slice(0, 200)).join(' | ');
		const worded = /\p{L}{2}/u.test(own.replace(/\p{N}+/gu, ''));
		own = norm(own);
		const beside = besideText(page, unit, !worded);
		return beside ? own + ' | ' + beside : own;
	}

	const others = (page, unit, span) => page.fields.slice(span[2], span[3])
		.filter(f => !unit.fields.includes(f) && isEntry(f) && !f.ghost && !f.away).length;

	/* An unattached label, or, when UNNAMED, the short text right before (or, if a label, after) the unit. */
	function besideText(page, unit, unnamed) {
		const at = unit.fields[0].at;
		const out = [];
		for (let up = parentOf(unit.fields[0].el), level = 0; up && level < 6; up = parentOf(up), level++) {
			const span = page.spans.get(up);
			if (!span || others(page, unit, span))
				break;
			const inside = page.texts.slice(span[0], span[1]).filter(t => !t.state.click && !t.state.alert);
			for (const t of inside)
				if (t.state.label && !t.state.label.control && t.raw.length < OWN_TEXT)
					out.push(wordsOf(t));
			if (out.length)
				return out.join(' | ');
			const before = inside.filter(t => t.index < at);
			const last = before.at(-1);
			if (unnamed && last && !last.state.heading && last.raw.length < OWN_TEXT)
				return wordsOf(last);
			if (inside.length > 3)
				break;
		}
		return '';
	}

	function textOf(page, from, to, at, filter) {
		const before = [], after = [];
		let size = 0;
		for (let i = Math.min(at, to) - 1; i >= from && size < NEAR_BEFORE; i--)
			if (filter(page.texts[i])) {
				before.unshift(page.texts[i]);
				size += page.texts[i].raw.length;
			}
		size = 0;
		for (let i = Math.max(at, from); i < to && size < NEAR_AFTER; i++)
			if (filter(page.texts[i])) {
				after.push(page.texts[i]);
				size += page.texts[i].raw.length;
			}
		return [...before, ...after];
	}

	/* The surroundings that belong to the unit alone, and the wider form, dialog or card. */
	function surroundings(page, unit) {
		const first = unit.fields[0];
		let near = null, scope = null;
		for (let up = parentOf(first.el); up; up = parentOf(up)) {
			const span = page.spans.get(up);
			if (!span)
				continue;
			const strangers = page.fields.slice(span[2], span[3]).filter(f => !unit.fields.includes(f) && isEntry(f) && !f.ghost && !f.away
				&& !(f.state.chrome && !first.state.chrome)).length;
			if (!strangers)
				near = { el: up, span };
			if (scope && scope.size > 400 && scope.el.matches('main, ' + dialogs))
				break;
			const size = page.sizes[span[1]] - page.sizes[span[0]];
			if (scope && size > SCOPE_TEXT)
				break;
			scope = { el: up, span, size };
			if (up.matches(dialogs))
				break;
		}
		near ??= scope;
		return { near, scope };
	}

	/* ---- evidence ---- */

	/* Names as words: "user[otp_attempt]" is "user otp attempt", "twoFactorCode" "two factor code". */
	function nameText(text) {
		return norm(text.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2').replace(/[^\p{L}\p{N}]+/gu, ' ')
			.replace(/(\p{L}{3,})(\d)/gu, '$1 $2').replace(/(\d)(\p{L}{3,})/gu, (all, digit, word) => /^fa/i.test(word) ? all : digit + ' ' + word));
	}

	function namesOf(el) {
		const out = [];
		for (const name of ['name', 'id', 'formcontrolname', 'data-testid', 'data-test', 'data-name', 'data-cy', 'ng-model', 'v-model', 'data-field'])
			if (el.hasAttribute(name))
				out.push(nameText(attribute(el, name)));
		for (const name of el.getAttributeNames())
			if (/^data-(?:input-)?(?:otp|mfa|totp|2fa|pin-input|code)/.test(name))
				out.push(nameText(name.slice(5)));
		return out.filter(Boolean);
	}

	const mask = '[*\\u2022\\u00b7\\u25cf\\u2217xX#\\u2026_.]';
	const destinations = [
		/[\w.+*\u2022\u25cf\u2026-]*[*\u2022\u25cf\u2026\u2217.]{2,}[\w.+*\u2022\u25cf\u2026-]*@[\w*\u2022\u25cf\u2026.-]+\w/,
		new RegExp(`\\+?\\(?\\d[\\d ()-]{0,7}(?:${mask}|[ ()-]){2,}[\\d*\\u2022 ()-]*\\d{2,4}`),
		new RegExp(`\\+?(?:[*\\u2022\\u25cf\\u2217xX#][ ()-]{0,2}){2,}\\d{1,5}`),
		/\+?\d[\d ()-]{3,}(?:[*\u2022\u25cf\u2217#][ -]?){3,}/,
		/[\w.+-]+@[\w-]+\.[\w.-]*\w/,
	];
	const endings = /(?:ending (?:in|with)|ends (?:in|with)|que termina em|terminad[oa] en|terminad[oa] em|termina (?:en|em|con)|termine par|terminant par|endnummer|endziffern|endet auf|eindig\w* op|konczac\w+ (?:sie )?na|(?:за|о)канчивающ\S+ на|המסתיים ב-?|المنتهي ب|末尾|下4桁|끝자리|尾号|末四位)[ :]*(\d{2,4})/;

	function destinationOf(raw) {
		for (const pattern of destinations) {
			const found = pattern.exec(raw);
			if (found && /[\d@]/.test(found[0]))
				return found[0].trim().replace(/^[-. ]+/, '');
		}
		return endings.exec(norm(raw))?.[1] ?? null;
	}

	/* "six-digit code", "6 Ziffern": how many characters, or 0. */
	function digitsSaid(text, words) {
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

	/* A picture right beside the field, as captchas have them. */
	function pictureBeside(page, unit, words) {
		const field = unit.fields[0];
		for (const { el, state, frame } of page.pictures) {
			if (frame || state.click && el.localName === 'svg')
				continue;
			const box = el.getBoundingClientRect();
			const name = nameText([attribute(el, 'alt'), el.id, classOf(el), attribute(el, 'src').slice(0, 200)].join(' '));
			const named = box.width > 8 && words.said(name, 'names: other: captcha');
			if (!named && (box.width < 50 || box.width > 420 || box.height < 18 || box.height > 160 || box.width < 1.5 * box.height))
				continue;
			const gapX = Math.max(box.left - field.box.right, field.box.left - box.right, 0);
			const gapY = Math.max(box.top - field.box.bottom, field.box.top - box.bottom, 0);
			if (gapX > 60 || gapY > 50)
				continue;
			for (let up = parentOf(field.el), level = 0; up && level < 4; up = parentOf(up), level++) {
				const span = page.spans.get(up);
				if (!span || others(page, unit, span))
					break;
				if (contains(up, el))
					return true;
			}
		}
		return false;
	}

	/* A square picture large enough for a QR code. */
	const showsQr = page => page.pictures.some(({ el, frame, state }) => {
		if (frame || state.chrome)
			return false;
		const box = el.getBoundingClientRect();
		return box.width >= 90 && box.width <= 500 && Math.abs(box.width - box.height) <= 12;
	});

	const secretKey = /(?:\b[a-z2-7]{4}[ -]){3,}[a-z2-7]{2,4}\b|\b(?=[a-z2-7]*[2-7])(?=[a-z2-7]*[a-z])[a-z2-7]{16,64}\b/i;

	/* Classes that never are a code, whatever else is said, and those a code's label may mention. */
	const soft = new Set(['phone', 'mail', 'account', 'country', 'message', 'card', 'identity', 'search', 'bank']);
	/* Near a field, only these say something about it. */
	const aboutNear = ['device', 'paper', 'payment', 'place', 'static secret', 'coupon', 'invitation', 'travel', 'licence', 'technical', 'question'];

	class Judge {
		constructor(page, words) {
			this.page = page;
			this.words = words;
			this.title = norm(document.title);
			this.address = nameText(decodeSafe(location.pathname + ' ' + location.search + ' ' + location.hash)).slice(0, 300);
			this.qr = showsQr(page);
			page.sizes = [0];
			for (const t of page.texts)
				page.sizes.push(page.sizes.at(-1) + (t.state.chrome ? 0 : t.raw.length));
			this.dialog = page.dialogs.filter(el => page.spans.get(el)).at(-1) ?? null;
		}

		judge(unit, crowded) {
			const { page, words } = this;
			const first = unit.fields[0], el = first.el;
			unit.score = 0;
			unit.evidence = [];
			unit.flags = new Set();
			const count = (name, why, weight = words.weights[name] ?? 0) => {
				if (!weight)
					return;
				unit.score += weight;
				unit.evidence.push(`${weight > 0 ? '+' : ''}${weight} ${name}${why && why !== true ? ` "${why}"` : ''}`);
			};
			unit.own = ownText(page, unit);
			const strong = this.own(unit, count);
			this.attributes(unit, count);
			const { near, scope } = surroundings(page, unit);
			if (crowded && unit.score <= 0 && unit.layout === 'single') {
				unit.nearTexts = unit.clicks = unit.strangers = [];
				unit.heading = unit.nearText = unit.scopeText = unit.raw = '';
				return unit;
			}
			unit.near = near;
			unit.scope = scope;
			this.around(unit, count, strong);
			this.layout(unit, count, strong);
			this.against(unit, count, strong);
			return unit;
		}

		attributes(unit, count) {
			const { words } = this;
			const all = unit.fields.map(f => norm(attribute(f.el, 'autocomplete')));
			const wrapper = closest(unit.fields[0].el, '[autocomplete]');
			const tokens = all.flatMap(text => text.split(' '));
			unit.declared = tokens.includes('one-time-code') || norm(attribute(wrapper ?? unit.fields[0].el, 'autocomplete')).includes('one-time-code');
			if (unit.declared)
				count('declared');
			else if (tokens.some(token => /^(?:otp|sms-otp|otp-token|one-time-password|totp|2fa|mfa|code)$/.test(token)))
				count('name likely', tokens[0]);
			const other = tokens.find(token => words.autocomplete.has(token));
			if (other)
				count('autocomplete other', other);
			const names = unit.fields.slice(0, 2).flatMap(f => namesOf(f.el));
			unit.names = names;
			const css = nameText(classOf(unit.fields[0].el));
			const strong = names.map(n => words.said(n, 'names: strong')).find(Boolean) || words.said(css, 'names: strong');
			const likely = names.map(n => words.said(n, 'names: likely')).find(Boolean) || words.said(css, 'names: likely');
			const weak = names.map(n => words.said(n, 'names: weak')).find(Boolean);
			if (strong)
				count('name strong', strong);
			else if (likely)
				count('name likely', likely);
			else if (weak)
				count('name weak', weak);
			let counted = '';
			for (const kind of words.otherNames) {
				const found = names.map(n => words.said(n, 'names: other: ' + kind)).find(Boolean);
				if (!found)
					continue;
				unit.flags.add(kind);
				if (kind === 'recovery' || kind === 'captcha')
					unit.flags.add('name ' + kind);
				else if (!counted && !((strong || unit.noun) && (kind === 'phone' || kind === 'person' || kind === 'search')))
					count('name other', counted = `${kind}: ${found}`);
			}
			for (let up = parentOf(unit.fields[0].el), level = 0; up && level < 8 && up !== document.body; up = parentOf(up), level++) {
				const text = nameText([up.id, attribute(up, 'name'), attribute(up, 'action'), classOf(up), up.localName.includes('-') ? up.localName : '']
					.join(' ').slice(0, 300));
				const found = words.said(text, 'names: strong') || words.said(text, 'names: likely');
				if (!found)
					continue;
				count('form named', found);
				break;
			}
		}

		/* What the unit's own label says.  Answers whether it names a code without doubt. */
		own(unit, count) {
			const { words } = this;
			const { own } = unit;
			const rest = words.without(own, 'recovery');
			unit.recovering = rest !== own;
			const strong = words.has(rest, 'strong');
			const likely = strong ? '' : words.has(rest, 'likely');
			const vague = strong || likely ? '' : words.has(rest, 'vague');
			const noun = strong || likely || vague ? '' : words.has(rest, 'noun');
			const sent = words.has(rest, 'sent');
			if (strong)
				count('own strong', strong);
			if (likely)
				count('own likely', likely);
			if (vague)
				count('own vague', vague);
			if (noun)
				count('own noun', noun);
			if (sent && (strong || likely || vague || noun))
				count('own sent', sent);
			unit.digitsOwn = digitsSaid(own, words);
			if (unit.digitsOwn)
				count('own digits', String(unit.digitsOwn));
			else if (!strong && !likely && words.has(rest, 'enter'))
				count('own digits', words.has(rest, 'enter'));
			const topic = words.has(rest, 'topic');
			if (topic && !strong && !likely)
				count('near topic', topic);
			unit.noun = strong || likely || vague || noun;
			unit.likely = likely || vague;
			return Boolean(strong);
		}

		/* What is said near the unit, and in its form, dialog or card. */
		around(unit, count, strong) {
			const { page, words } = this;
			const { near, scope } = unit;
			const first = unit.fields[0];
			const calm = t => !t.state.click && (!t.state.chrome || first.state.chrome);
			const at = first.at;
			const nearTexts = near ? textOf(page, near.span[0], near.span[1], at, calm) : [];
			unit.nearTexts = nearTexts;
			unit.nearText = nearTexts.map(wordsOf).join(' . ');
			unit.nearRest = words.without(unit.nearText, 'recovery');
			const scopeTexts = scope ? textOf(page, scope.span[0], scope.span[1], at, calm).filter(t => !(t.index >= near.span[0] && t.index < near.span[1])) : [];
			unit.scopeText = scopeTexts.map(wordsOf).join(' . ');
			const clicks = root => !root ? [] : page.clicks.slice(root.span[4], root.span[5]).filter(c => !c.state.faint && Math.abs(c.at - at) < CLICKS_AWAY);
			unit.clicks = clicks(scope);
			const nearClicks = clicks(near);
			const both = (concept, name = concept) => {
				const found = words.has(unit.nearRest, concept);
				if (found)
					count('near ' + name, found);
				else if (words.has(unit.scopeText, concept))
					count('scope ' + name, words.has(unit.scopeText, concept));
			};
			if (!strong && words.has(unit.nearRest, 'strong'))
				count('near strong', words.has(unit.nearRest, 'strong'));
			else if (!strong && words.has(unit.nearRest, 'likely') && !unit.likely)
				count('near likely', words.has(unit.nearRest, 'likely'));
			else if (!strong && words.has(unit.nearRest, 'vague') && !unit.likely)
				count('near vague', words.has(unit.nearRest, 'vague'));
			else if (!strong && !unit.likely)
				both('strong');
			both('sent');
			both('enter');
			both('topic');
			both('app');
			unit.digitsNear = digitsSaid(unit.nearText, words) || digitsSaid(unit.scopeText, words);
			if (unit.digitsNear && !unit.digitsOwn)
				count('near digits', String(unit.digitsNear));
			const inside = scope ? page.fields.slice(scope.span[2], scope.span[3]).filter(f => !unit.fields.includes(f) && !f.ghost
				&& (f.type === 'tel' || ((f.readOnly || f.disabled) && f.type === 'text')) && /\d{2}|[*\u2022]/.test(f.value)).map(f => f.value) : [];
			const raw = [...nearTexts.map(t => t.raw), attribute(first.el, 'placeholder'), ...scopeTexts.map(t => t.raw), ...inside,
				...nearClicks.filter(c => /@|[*\u2022]/.test(clickText(page, c))).map(c => clickText(page, c))].join('\n');
			unit.raw = raw;
			const destination = destinationOf(raw);
			if (destination)
				count('near destination', destination);
			this.controls(unit, nearClicks, count);
			if (/(?:^|\D)\d{1,2}:[0-5]\d(?:\D|$)/.test(unit.nearText))
				count('near countdown');
			const title = words.has(this.title, 'strong') || words.has(this.title, 'topic') || words.has(this.title, 'likely');
			if (title)
				count('title', title);
			const address = words.said(this.address, 'names: strong') || words.said(this.address, 'names: likely');
			if (address)
				count('address', address);
			if (nearTexts.some(t => t.state.alert && words.has(wordsOf(t), 'wrong') && words.has(wordsOf(t), 'noun')))
				count('near wrong');
		}

		controls(unit, nearClicks, count) {
			const { page, words } = this;
			const says = (list, concept) => list.find(c => words.has(clickText(page, c), concept));
			const resend = says(nearClicks, 'resend') ?? says(unit.clicks, 'resend');
			const trigger = resend ? null : nearClicks.find(c => words.has(clickText(page, c), 'trigger')
				&& /\p{L}/u.test(clickText(page, c)) && words.has(clickText(page, c), 'noun'));
			if (resend)
				count(nearClicks.includes(resend) ? 'near resend' : 'scope resend', clickText(page, resend).slice(0, 30));
			else if (words.has(unit.nearRest, 'resend'))
				count('near lost', words.has(unit.nearRest, 'resend'));
			if (trigger)
				count('near trigger', clickText(page, trigger).slice(0, 30));
			else if (!resend) {
				const far = unit.clicks.find(c => words.has(clickText(page, c), 'trigger') && words.has(clickText(page, c), 'strong'));
				if (far)
					count('scope trigger', clickText(page, far).slice(0, 30));
			}
			unit.trust = trustBox(page, words, unit);
			if (unit.trust)
				count('near trust');
			if (nearClicks.some(c => words.has(clickText(page, c), 'recovery')))
				count('near lost', 'recovery');
		}

		layout(unit, count, strong) {
			const { page, words } = this;
			const first = unit.fields[0], el = first.el;
			const numeric = /^(?:numeric|decimal|tel)$/.test(attribute(el, 'inputmode')) || first.type === 'tel' || first.type === 'number'
				|| /^\^?(?:\\d|\[0-9)/.test(attribute(el, 'pattern'));
			if (unit.layout === 'boxes')
				count('boxes', String(unit.fields.length));
			if (unit.layout === 'slots')
				count('slots', String(unit.slots));
			if (unit.layout === 'halves')
				count('halves');
			if (unit.layout === 'single') {
				const shape = digitsPattern(el) || (first.max >= 4 && first.max <= 8 ? first.max : 0);
				if (shape >= 4 && shape <= 10)
					count('shape', String(shape));
				if (digitsShown(el))
					count('example', attribute(el, 'placeholder'));
				if (first.max > 0 && first.max < 4)
					count('too short', String(first.max));
				if (first.max > 20)
					count('too long', String(first.max));
				if (first.type === 'textarea' || (first.type === 'editable' && !first.el.matches('[inputmode=numeric]')))
					count('area');
			}
			if (numeric)
				count('numeric');
			if (el.autofocus || el.getRootNode().activeElement === el)
				count('focused');
			const scope = unit.scope;
			const strangers = !scope ? [] : page.fields.slice(scope.span[2], scope.span[3])
				.filter(f => !unit.fields.includes(f) && isEntry(f) && !f.ghost && !f.away && !f.disabled && !f.readOnly && !f.state.chrome);
			unit.strangers = strangers;
			const foreign = strangers.filter(f => f.type !== 'password' && f.type !== 'email' && f.type !== 'tel' && f.type !== 'search');
			if (!strangers.length && !first.state.chrome)
				count('alone');
			if (foreign.length > 3)
				count('many fields', String(foreign.length), foreign.length > 8 ? -8 : words.weights['many fields']);
			if (unit.layout === 'single' && !strong && scope) {
				const submit = submitOf(page, words, unit);
				const text = submit ? clickText(page, submit) : '';
				if (submit && words.has(text, 'elsewhere') && !words.has(unit.nearRest, 'sent'))
					count('button other', text.slice(0, 30));
				else if (submit && words.has(clickText(page, submit), 'submit') && (unit.noun || strong))
					count('submit says so', clickText(page, submit).slice(0, 30));
			}
			if (first.state.chrome)
				count('page chrome');
		}

		against(unit, count, strong) {
			const { page, words } = this;
			const first = unit.fields[0], el = first.el;
			const { own } = unit;
			const sent = words.has(unit.nearRest, 'sent')
				&& (words.has(unit.nearRest, 'noun') || words.has(unit.nearRest, 'strong') || words.has(unit.nearRest, 'likely'));
			for (const kind of words.others) {
				const found = words.said(own, 'other: ' + kind);
				if (!found || (soft.has(kind) && !this.isToCome(unit, kind) && (unit.noun || unit.declared || words.has(own, 'sent') || words.has(own, 'enter'))
						&& !(kind === 'card' && !strong && !sent) && !(kind === 'bank' && !strong && !sent)))
					continue;
				if (soft.has(kind) && strong && !this.isToCome(unit, kind))
					continue;
				unit.flags.add(kind);
				if (kind === 'static secret')
					count('static secret', found);
				else if (kind === 'search')
					count('search', found);
				else
					this.countOther(unit, count, kind, found, strong);
			}
			if (!unit.flags.size && !sent)
				for (const kind of aboutNear) {
					const found = words.said(unit.nearText, 'other: ' + kind);
					if (!found)
						continue;
					const weight = words.weights['near ' + kind] ?? words.weights['near other'];
					count('near ' + kind, found, strong ? Math.round(weight / 2) : weight);
					unit.flags.add('near ' + kind);
					break;
				}
			const heading = this.headingOf(unit);
			unit.heading = heading;
			if (heading && !strong && !sent)
				for (const kind of aboutNear)
					if (words.said(heading, 'other: ' + kind) && !unit.flags.has('near ' + kind)) {
						count('heading other', `${kind}: ${words.said(heading, 'other: ' + kind)}`);
						break;
					}
			this.secrets(unit, count, strong, sent);
			this.special(unit, count, strong, sent);
			if (el.type === 'search' || closest(el, '[role=search], form[action*=search]') || (unit.flags.has('search') && !unit.noun))
				if (!strong || el.type === 'search')
					count('search', 'search');
			if (first.readOnly && !first.disabled) {
				const shows = first.value.trim().length >= 2;
				count(shows ? 'shows a value' : 'read only');
			}
			const given = attribute(el, 'value');
			if (given && unit.layout === 'single' && !/^[\d -]{4,10}$/.test(given) && given.length !== 1)
				count('preset');
			else if (given.length === 1 && first.type === 'number' && unit.layout === 'single')
				count('preset');
			if (closest(el, '[aria-hidden=true]'))
				count('hidden by assistive');
			if (el.tabIndex < 0 && !first.disabled && unit.layout === 'single')
				count('trap');
			if (first.ghost && unit.layout !== 'slots')
				count('transparent');
			if (first.disabled && first.value.trim())
				count('shows a value');
		}

		/* A label that names a code and something else is half as surely not of a code. */
		countOther(unit, count, kind, found, strong) {
			const { weights } = this.words;
			const weight = weights['own ' + kind] ?? weights['own other'];
			count('own other', `${kind}: ${found}`, strong && !this.isToCome(unit, kind) ? Math.round(weight / 2) : weight);
		}

		/* "Mobile number to get a code": the label names the code, and the field wants where to send it. */
		isToCome(unit, kind) {
			const { words } = this;
			return (kind === 'phone' || kind === 'mail') && !words.has(unit.own, 'sent') && !unit.declared && unit.layout === 'single'
				&& (unit.flags.has(kind) || words.has(unit.own, 'not yet') || (words.has(unit.own, 'trigger') && !words.has(unit.own, 'enter')));
		}

		secrets(unit, count, strong, sent) {
			const { page, words } = this;
			const first = unit.fields[0];
			const ensured = strong || unit.declared || (sent && unit.noun);
			const passwords = unit.fields.filter(f => f.type === 'password').length;
			if (passwords && !ensured && !words.has(unit.nearRest, 'strong'))
				count('password');
			const autocomplete = attribute(first.el, 'autocomplete');
			if (autocomplete === 'new-password' && passwords && !ensured)
				count('new password');
			const scopeText = unit.nearText + ' . ' + unit.scopeText;
			const plainSecret = words.said(unit.nearText, 'other: static secret');
			if (plainSecret && !ensured && !unit.flags.has('static secret') && !unit.flags.has('near static secret')
					&& !words.has(unit.nearRest, 'strong') && !words.has(unit.nearRest, 'likely'))
				count('static secret', plainSecret);
			const card = page.fields.some(f => !unit.fields.includes(f) && !f.ghost && !f.state.chrome && (/^cc-/.test(attribute(f.el, 'autocomplete'))
				|| namesOf(f.el).some(n => words.said(n, 'names: other: card'))
				|| words.said(norm([attribute(f.el, 'placeholder'), ...[...f.el.labels ?? []].map(l => l.textContent)].join(' ')), 'other: card')));
			const cards = unit.strangers.length > 1 && words.said(scopeText, 'other: card');
			if ((card || cards) && !strong && !sent && !unit.declared)
				count('card', cards);
			if (unit.layout === 'boxes' && page.rows > 3)
				count('grid', String(page.rows));
			const near = words.said(unit.nearText, 'other: card');
			if (near && unit.layout !== 'single' && !ensured && !sent && !words.has(unit.nearRest, 'strong'))
				count('card', near);
			if (words.has(scopeText, 'not yet') && !strong && !sent && !unit.noun)
				count('not yet');
		}

		special(unit, count, strong, sent) {
			const { page, words } = this;
			const { own } = unit;
			const setUp = words.has(unit.nearText + ' . ' + unit.scopeText, 'set-up');
			const secret = secretKey.test(unit.raw);
			if ((setUp && (this.qr || secret || words.has(this.headingOf(unit), 'set-up'))) || (this.qr && secret))
				count('set-up', setUp || 'QR and key');
			/* Recovery codes: its own label or name says so, and no other code. */
			const alone = unit.recovering && !strong && !unit.likely;
			const named = unit.flags.has('name recovery') && !strong;
			const elsewhere = !strong && !unit.likely && !unit.recovering && !unit.names.some(n => words.said(n, 'names: strong'))
				&& (words.has(unit.heading, 'recovery') || (words.has(unit.nearText, 'recovery') && !words.has(unit.nearRest, 'strong')
					&& !words.has(unit.nearRest, 'sent') && !words.has(unit.nearRest, 'app')));
			const headed = !strong && words.has(unit.heading, 'recovery') && !words.has(words.without(unit.heading, 'recovery'), 'strong');
			if (alone || named || elsewhere || headed) {
				count('recovery', words.has(own, 'recovery') || 'named');
				unit.flags.add('kind recovery');
			}
			const robot = words.has(own, 'robot') || (!strong && !sent && words.has(unit.nearText, 'robot'));
			const picture = !strong && !sent && !unit.declared && unit.layout === 'single' && (unit.noun || unit.flags.has('captcha') || robot)
				&& pictureBeside(page, unit, words);
			if (robot || picture || unit.flags.has('captcha')) {
				count('captcha', robot || (picture ? 'picture' : 'named'));
				unit.flags.add('kind captcha');
			}
			const key = words.has(own, 'key') || (unit.names.some(n => /\byubi ?key\b|\bu2f\b/.test(n)) && 'yubikey');
			if (key) {
				count('key', key);
				unit.flags.add('kind webauthn');
			}
			if (this.dialog && !contains(this.dialog, unit.fields[0].el) && page.fields.some(f => !f.ghost && f.text && contains(this.dialog, f.el)))
				count('behind a dialog');
		}

		headingOf(unit) {
			const { page } = this;
			const at = unit.fields[0].at, from = unit.scope?.span[0] ?? 0;
			for (let i = at - 1; i >= from; i--)
				if (page.texts[i].state.heading && !page.texts[i].state.chrome && !page.texts[i].state.label)
					return wordsOf(page.texts[i]);
			return '';
		}
	}

	function decodeSafe(text) {
		try {
			return decodeURIComponent(text);
		} catch {
			return text;
		}
	}

	/* ---- what stands beside ---- */

	function labelOf(page, el) {
		const texts = [attribute(el, 'aria-label'), attribute(el, 'title'), ...[...(el.labels ?? [])].map(label => label.textContent)];
		for (const id of attribute(el, 'aria-labelledby').split(/\s+/))
			texts.push(id && el.getRootNode().getElementById?.(id)?.textContent);
		let text = texts.filter(Boolean).join(' ');
		for (let up = parentOf(el), level = 0; !text.trim() && up && level < 3; up = parentOf(up), level++)
			text = up.textContent.length < 300 ? up.textContent : '';
		return norm(text).slice(0, 300);
	}

	function trustBox(page, words, unit) {
		const boxes = [...page.choices.filter(c => c.el.type === 'checkbox'),
			...page.clicks.filter(c => /^(?:checkbox|switch)$/.test(attribute(c.el, 'role')))];
		const fits = boxes.filter(({ el }) => words.has(labelOf(page, el), 'trust'));
		return fits.find(({ el }) => el.form && el.form === unit.fields[0].el.form)?.el
			?? fits.find(({ el }) => unit.scope && contains(unit.scope.el, el))?.el ?? null;
	}

	/* What to press after the code; null: nothing here does it. */
	function submitOf(page, words, unit) {
		const first = unit.fields[0], form = first.el.form ?? closest(first.el, 'form');
		const dialog = closest(first.el, dialogs);
		let best = null, bestScore = 1;
		for (const click of page.clicks) {
			if (click.state.faint || (click.state.chrome && !first.state.chrome) || Math.abs(click.at - first.at) > 2 * CLICKS_AWAY)
				continue;
			const { el } = click;
			const text = clickText(page, click);
			const own = form && (el.form === form || contains(form, el));
			const close = own || (unit.scope && contains(unit.scope.el, el)) || (dialog && contains(dialog, el));
			if (!close || (el.form && form && el.form !== form))
				continue;
			let score = (own ? 2 : 0) + (dialog && contains(dialog, el) ? 1 : 0);
			if (el.type === 'submit' && el.form)
				score += attribute(el, 'type') === 'submit' ? 3 : 2;
			else if (el.localName === 'button' || el.localName === 'input' || attribute(el, 'role') === 'button' || el.localName.includes('-'))
				score += 1;
			if (words.has(text, 'submit'))
				score += 4;
			if (/\bprimary\b|\bsubmit\b|\bconfirm\b|\bsuccess\b|\bverify\b/.test(nameText(classOf(el) + ' ' + el.id + ' ' + attribute(el, 'name'))))
				score += 2;
			if (/\bsecondary\b|\blink\b|\boutline\b|\bcancel\b|\btext\b/.test(nameText(classOf(el))))
				score -= 2;
			if (words.has(text, 'resend') || (words.has(text, 'trigger') && words.has(text, 'noun') && !words.has(text, 'cancel') && click.at <= first.at + 3
					&& unit.strangers?.length))
				score -= 10;
			if (words.has(text, 'cancel'))
				score -= 8;
			if (words.has(text, 'another') || words.has(text, 'key') || words.has(text, 'recovery'))
				score -= 6;
			if (el.localName === 'a')
				score -= words.has(text, 'submit') ? 1 : 4;
			if (!click.strong)
				score -= 2;
			score += click.at >= first.at ? 1 : -3;
			if (!text && el.type !== 'image')
				score -= 2;
			if (score > bestScore) {
				best = click;
				bestScore = score;
			}
		}
		return best;
	}

	function resendOf(page, words, unit, submit) {
		const usable = page.clicks.filter(c => !c.state.faint && c !== submit && Math.abs(c.at - unit.fields[0].at) < 2 * CLICKS_AWAY && (!c.state.chrome || unit.fields[0].state.chrome));
		const near = usable.filter(c => unit.scope && contains(unit.scope.el, c.el));
		const says = (list, concept) => list.find(c => words.has(clickText(page, c), concept));
		return says(near, 'resend') ?? says(usable, 'resend')
			?? near.find(c => /\bresend\b|\bsend\b.*\bagain\b|\bretry\b/.test(nameText(c.el.id + ' ' + classOf(c.el) + ' ' + attribute(c.el, 'name')))) ?? null;
	}

	function triggerOf(page, words, unit, resend, submit) {
		return page.clicks.find(c => c !== submit && !c.state.faint && unit.scope && Math.abs(c.at - unit.fields[0].at) < CLICKS_AWAY && contains(unit.scope.el, c.el)
			&& words.has(clickText(page, c), 'trigger') && (words.has(clickText(page, c), 'noun') || unit.strangers.length)
			&& !words.has(clickText(page, c), 'cancel')) ?? null;
	}

	const isDisabled = el => Boolean(el.disabled || attribute(el, 'aria-disabled') === 'true' || /(?:^|[\s_-])disabled(?:$|\s)/.test(classOf(el)));

	/* Seconds in TEXT: "02:59", "5 minutes", "(45)"; null: none. */
	function secondsIn(text, words, bare) {
		const clock = /(?:^|\D)(\d{1,2}):([0-5]\d)(?:\D|$)/.exec(text);
		if (clock)
			return Number(clock[1]) * 60 + Number(clock[2]);
		for (const found of text.matchAll(/(\d{1,4}) ?/g)) {
			const rest = text.slice(found.index + found[0].length, found.index + found[0].length + 12);
			for (const [unit, seconds] of [['minutes', 60], ['seconds', 1], ['hours', 3600]])
				for (const phrase of words.list('time: ' + unit)) {
					const place = placeOf(rest, phrase);
					if (place && place[0] === 0)
						return Number(found[1]) * seconds;
				}
		}
		const alone = bare && /(?:\(|\s|^)(\d{1,3})\s*(?:\)|s\b|$)/.exec(text);
		return alone ? Number(alone[1]) : null;
	}

	/* What stands in the unit's form or card, not too far away. */
	function closeTexts(page, unit) {
		const at = unit.fields[0].at, span = unit.scope?.span ?? [0, 0];
		return page.texts.slice(Math.max(span[0], at - CLICKS_AWAY), Math.min(span[1], at + CLICKS_AWAY)).filter(t => !t.state.chrome);
	}

	function timesOf(page, words, unit, resend) {
		const out = { expiresIn: null, resendIn: null };
		const texts = [...unit.nearTexts, ...closeTexts(page, unit)];
		if (resend)
			out.resendIn = secondsIn(clickText(page, resend), words, true);
		for (const t of texts) {
			for (const sentence of wordsOf(t).split(/(?<=[.!?。！？])\s|\n/)) {
				const seconds = /\d/.test(sentence) ? secondsIn(sentence, words, false) : null;
				if (seconds === null || words.has(sentence, 'trust'))
					continue;
				if (words.has(sentence, 'resend'))
					out.resendIn ??= seconds;
				else if (!t.state.alert || words.said(sentence, 'time: valid'))
					out.expiresIn ??= seconds;
			}
		}
		if (resend && isDisabled(resend.el) && out.resendIn === null && out.expiresIn !== null && !texts.some(t => words.said(wordsOf(t), 'time: valid')))
			out.resendIn = out.expiresIn;
		return out;
	}

	/* What the page says about the last try. */
	function problemOf(page, words, unit) {
		const kinds = [['too_many', 'too many'], ['expired', 'expired'], ['wrong', 'wrong']];
		const invalid = unit?.fields.some(f => attribute(f.el, 'aria-invalid') === 'true');
		const near = new Set(unit?.nearTexts ?? []);
		let out = null;
		const texts = !unit ? page.texts : [...page.texts.filter(t => t.state.alert), ...closeTexts(page, unit)];
		for (const t of texts) {
			if (t.state.click || t.raw.length > 240 || (t.state.chrome && !t.state.alert))
				continue;
			const text = wordsOf(t);
			for (const [problem, concept] of kinds) {
				if (!words.has(text, concept))
					continue;
				const about = words.has(text, 'noun') || words.has(text, 'strong') || words.has(text, 'likely');
				if (!t.state.alert && !(about && !t.state.heading && !t.state.label && unsaid(text, words, problem)) && !(invalid && near.has(t)))
					continue;
				if (!out || (t.state.alert && !out.alert))
					out = { problem, message: t.raw.replace(/\s+/g, ' ').trim(), alert: t.state.alert, text };
				break;
			}
		}
		if (!out)
			return { problem: null, message: null, retryAfter: null };
		return { problem: out.problem, message: out.message, retryAfter: out.problem === 'too_many' ? secondsIn(out.text, words, false) : null };
	}

	/* Whether TEXT tells of what has happened, and not of what would. */
	function unsaid(text, words, problem) {
		if (/\?$|\bif\b|\bwhen\b|\bwenn\b|\bsi\b|\bse\b|\bafter\b|\bnach\b|если|אם |もし|如果|\bnever\b/.test(text))
			return false;
		return problem !== 'expired' || !/\d/.test(text) || !words.said(text, 'time: valid') || words.has(text, 'expired').length > 8;
	}

	function channelOf(texts, words) {
		const order = ['whatsapp', 'sms', 'email', 'call', 'totp', 'push', 'key'];
		for (const text of texts)
			for (const channel of order)
				if (words.said(text, 'channels: ' + channel))
					return channel;
		return null;
	}

	function channelFor(unit, words) {
		const sentences = unit.nearTexts.flatMap(t => wordsOf(t).split(/(?<=[.!?。])\s/));
		const about = sentences.filter(s => words.has(s, 'sent') || words.has(s, 'enter') || words.has(s, 'app'));
		const app = [unit.own, ...about].some(s => words.has(s, 'app'));
		const sent = about.filter(s => words.has(s, 'sent'));
		const said = channelOf([...sent, unit.own, ...(app ? [] : about)].filter(Boolean), words);
		if (said && !(app && !sent.length))
			return said;
		if (app)
			return 'totp';
		for (const [channel, pattern] of [['totp', /\btotp\b|\bgoogle ?auth/], ['sms', /\bsms\b/], ['email', /\be ?mail\b/]])
			if (unit.names.some(n => pattern.test(n)))
				return channel;
		const shown = destinationOf(unit.raw);
		if (shown)
			return shown.includes('@') ? 'email' : channelOf([unit.nearText], words) ?? 'sms';
		const around = channelOf([unit.nearText, unit.scopeText], words);
		if (around)
			return around;
		/* What nobody sends, a person has. */
		const isSent = unit.evidence.some(e => / (?:near|scope|own) (?:sent|resend|trigger|countdown)/.test(e));
		return isSent ? 'unknown' : 'totp';
	}

	function digitsFor(unit) {
		const first = unit.fields[0], el = first.el;
		if (unit.layout === 'boxes')
			return unit.fields.length;
		if (unit.layout === 'halves')
			return unit.fields.length * first.max;
		if (unit.layout === 'slots')
			return unit.slots;
		const said = unit.digitsOwn || unit.digitsNear;
		const exact = digitsPattern(el) || Number(attribute(el, 'data-digits') || attribute(el, 'data-length')) || 0;
		const bounded = el.minLength > 3 && el.minLength === el.maxLength ? el.maxLength : 0;
		const shown = digitsShown(el);
		const max = first.max >= 4 && first.max <= 8 ? first.max : 0;
		return said || exact || bounded || shown || max || 0;
	}

	function charsetFor(unit) {
		const el = unit.fields[0].el;
		const pattern = attribute(el, 'pattern');
		if (/[a-z]/i.test(pattern.replace(/\\[dw]/g, '')) || /\bcharacters?\b|letters|buchstaben|lettres|caracteres|literas|буквы|文字|문자/.test(unit.own))
			return 'alnum';
		return 'digits';
	}

	/* A selector that means this element alone, with " >> " into shadow trees. */
	function path(el) {
		const root = el.getRootNode();
		const parts = [];
		for (let e = el; e && e !== root; e = e.parentElement) {
			if (e.id && root.querySelectorAll('#' + CSS.escape(e.id)).length === 1) {
				parts.unshift('#' + CSS.escape(e.id));
				break;
			}
			const same = [...(e.parentNode?.children ?? [])].filter(other => other.localName === e.localName);
			parts.unshift(CSS.escape(e.localName) + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : ''));
		}
		const own = parts.join(' > ');
		return root.host ? path(root.host) + ' >> ' + own : own;
	}

	/* ---- the other kinds ---- */

	const widgets = '.g-recaptcha, .h-captcha, .cf-turnstile, .frc-captcha, .geetest_holder, .geetest_captcha, #px-captcha, altcha-widget, '
		+ 'iframe[src*="captcha"], iframe[src*="challenges.cloudflare.com"], iframe[src*="arkoselabs"], iframe[src*="funcaptcha"], '
		+ 'iframe[title*="captcha" i], #captcha-container, #arkose';

	function captchaWidget(page) {
		for (const { el, frame } of page.pictures)
			if (frame && el.matches(widgets) && el.getBoundingClientRect().height > 50)
				return true;
		return [...document.querySelectorAll(widgets)].some(el => !el.matches('.grecaptcha-badge *') && el.checkVisibility(seen)
			&& el.getBoundingClientRect().height > 50 && el.getBoundingClientRect().width > 100);
	}

	/* The texts of what the page is about now: its dialog's, or all but its chrome. */
	function mainTexts(page, dialog) {
		const span = dialog && page.spans.get(dialog);
		const list = (span ? page.texts.slice(span[0], span[1]) : page.texts).filter(t => !t.state.chrome);
		let size = 0;
		return list.filter(t => (size += t.raw.length) <= PAGE_TEXT);
	}

	/* Ways that the page offers: radio buttons, buttons, links, options. */
	function choicesOf(page, words) {
		const out = [];
		const add = (el, label, raw) => {
			const text = norm(label);
			if (!text || text.length > 160)
				return;
			const channel = channelOf([text], words) ?? (words.said(text, 'channels: recovery') ? 'recovery' : null);
			const destination = destinationOf(raw ?? label);
			if (channel || destination)
				out.push({ el, label: label.replace(/\s+/g, ' ').trim(), channel: channel ?? (/@/.test(destination) ? 'email' : 'sms'), destination });
		};
		for (const { el, state } of page.choices) {
			if (state.chrome || state.faint && el.type !== 'radio')
				continue;
			if (el.type === 'radio')
				add(el, rawLabel(el));
			else if (el.localName === 'select')
				for (const option of el.options)
					add(el, option.textContent);
		}
		const radios = out.length;
		for (const c of page.clicks) {
			if (c.state.chrome || c.state.faint || !clickText(page, c))
				continue;
			const text = clickText(page, c);
			if (words.has(text, 'resend') || (words.has(text, 'cancel') && !destinationOf(text)))
				continue;
			const raw = c.text ?? page.texts.slice(c.at, c.to).map(t => t.raw).join(' ');
			if (!radios)
				add(c.el, raw);
		}
		/* A button inside a link, or the like, is one choice. */
		return out.filter((one, i) => !out.some((other, j) => j !== i && other.el !== one.el && contains(other.el, one.el)));
	}

	function rawLabel(el) {
		const texts = [attribute(el, 'aria-label'), ...[...(el.labels ?? [])].map(label => label.textContent)];
		let text = texts.filter(Boolean).join(' ');
		for (let up = parentOf(el), level = 0; !text.trim() && up && level < 3; up = parentOf(up), level++)
			text = up.textContent.length < 200 ? up.textContent : '';
		return text;
	}

	/* "47" in large letters: a number to be matched in the app. */
	function shownNumber(texts) {
		return texts.some(t => /^\d{1,3}$/.test(t.raw.trim()) && parseFloat(getComputedStyle(t.el).fontSize) >= 22);
	}

	const KIND_SCORE = { choose_method: 8, webauthn: 7, push: 6 };

	function pageKinds(page, words, judge, units) {
		const texts = mainTexts(page, judge.dialog);
		const spoken = texts.filter(t => !t.state.click && !t.state.label);
		const headings = spoken.filter(t => t.state.heading).map(wordsOf).join(' . ');
		const body = spoken.map(wordsOf).join(' . ');
		const clicks = page.clicks.filter(c => !c.state.chrome && !c.state.faint && (!judge.dialog || contains(judge.dialog, c.el)));
		const entries = page.fields.filter(f => isEntry(f) && !f.ghost && !f.away && !f.state.chrome && !f.readOnly && !f.disabled
			&& f.type !== 'search' && !units.find(u => u.fields.includes(f))?.flags.has('search')
			&& (!judge.dialog || contains(judge.dialog, f.el)));
		const password = entries.some(f => f.type === 'password');
		const found = [];
		const weigh = kind => {
			const one = { kind, score: 0, evidence: [] };
			found.push(one);
			return (weight, name, why = '') => {
				if (!why && why !== '')
					return;
				one.score += weight;
				one.evidence.push(`${weight > 0 ? '+' : ''}${weight} ${name}${why ? ` "${why}"` : ''}`);
			};
		};
		const choices = choicesOf(page, words).filter(c => !judge.dialog || contains(judge.dialog, c.el));
		const channels = new Set(choices.map(c => c.channel + (c.destination ?? '')));
		const method = weigh('choose_method');
		const asked = words.has(headings, 'method') || words.has(body, 'method');
		const topic = words.has(body, 'topic') || words.has(judge.title, 'topic') || words.has(body, 'strong') || words.has(body, 'likely');
		if (asked)
			method(5, 'asks how', asked);
		if (channels.size >= 2)
			method(5, 'ways', String(channels.size));
		if (channels.size >= 3)
			method(1, 'many ways', String(channels.size));
		const send = clicks.find(c => words.has(clickText(page, c), 'trigger') && !words.has(clickText(page, c), 'cancel'));
		if (send && !entries.length)
			method(3, 'send', clickText(page, send).slice(0, 30));
		if (topic)
			method(2, 'topic', topic);
		if (destinationOf(texts.map(t => t.raw).join('\n')) && send)
			method(2, 'destination');
		if (page.choices.some(c => c.el.type === 'radio' && !c.state.chrome) && channels.size >= 2)
			method(2, 'radio buttons');

		const key = weigh('webauthn');
		const aboutKey = words.has(headings, 'key'), saidKey = words.has(body, 'key');
		const pressKey = clicks.find(c => words.has(clickText(page, c), 'key'));
		const marked = page.clicks.some(c => /\bwebauthn\b|\bpasskey\b|\bfido\b|\bu2f\b|\bsecurity key\b/.test(nameText(c.el.id + ' ' + classOf(c.el) + ' ' + attribute(c.el, 'name'))))
			|| document.querySelector('[id*=webauthn i], [class*=webauthn i], [name*=webauthn i], [id*=webauth i]') !== null;
		if (aboutKey)
			key(6, 'heading', aboutKey);
		else if (saidKey)
			key(4, 'text', saidKey);
		if (spoken.some(t => words.has(wordsOf(t), 'key') && words.has(wordsOf(t), 'key act')))
			key(3, 'act');
		if (pressKey)
			key(2, 'button', clickText(page, pressKey).slice(0, 30));
		if (marked && (aboutKey || saidKey))
			key(3, 'marked');

		const push = weigh('push');
		const aboutPush = words.has(headings, 'push'), hintPush = words.has(body, 'push hint');
		const pushes = spoken.filter(t => !t.state.heading && words.has(wordsOf(t), 'push'));
		const saidPush = aboutPush || pushes.length || hintPush;
		if (aboutPush)
			push(6, 'heading', aboutPush);
		if (pushes.length)
			push(6, 'text', words.has(wordsOf(pushes[0]), 'push'));
		if (pushes.length > 1)
			push(2, 'more text', words.has(wordsOf(pushes[1]), 'push'));
		if (hintPush)
			push(3, 'hint', hintPush);
		if (saidPush && topic)
			push(2, 'topic', topic);
		const link = words.has(body, 'link');
		if (link)
			push(6, 'link', link);
		if (link && words.has(body, 'sent'))
			push(2, 'sent', words.has(body, 'sent'));
		if (shownNumber(texts) && saidPush)
			push(3, 'number');
		if (saidPush && clicks.some(c => words.has(clickText(page, c), 'resend') || words.has(clickText(page, c), 'push')))
			push(1, 'resend');

		for (const one of found) {
			if (entries.length) {
				one.score -= 8;
				one.evidence.push('-8 something to fill in');
			}
			if (password)
				one.score -= 20;
		}
		found.sort((a, b) => b.score - a.score);
		const [top] = found;
		return { top: top.score >= KIND_SCORE[top.kind] ? top : null, choices, send, texts };
	}

	/* ---- the verdict ---- */

	const nothing = { kind: 'none', fields: [], digits: 0, score: 0, evidence: [], problem: null, message: null };

	function codeVerdict(page, words, unit) {
		const submit = submitOf(page, words, unit);
		const again = resendOf(page, words, unit, submit), send = triggerOf(page, words, unit, again, submit);
		/* Where there is a number to be filled in, the same button sends the first code and the next ones. */
		const empty = unit.strangers.some(f => (f.type === 'tel' || f.type === 'email' || f.type === 'text') && !f.value);
		const resend = again ?? send, trigger = send ?? (empty ? again : null);
		const elements = unit.fields.map(f => f.el);
		return {
			kind: 'code', layout: unit.layout, fields: elements.map(path), digits: digitsFor(unit), charset: charsetFor(unit),
			filled: unit.fields.some(f => f.value !== ''), disabled: unit.fields.every(f => f.disabled),
			submit: submit && path(submit.el), submitDisabled: Boolean(submit && isDisabled(submit.el)),
			resend: resend && path(resend.el), resendDisabled: Boolean(resend && isDisabled(resend.el)),
			trigger: trigger && path(trigger.el), trustDevice: unit.trust && path(unit.trust),
			channel: channelFor(unit, words), destination: destinationOf(unit.raw), ...timesOf(page, words, unit, resend),
			...problemOf(page, words, unit), score: Math.round(unit.score * 10) / 10, evidence: unit.evidence,
		};
	}

	function methodVerdict(page, words, kinds) {
		const { choices, send } = kinds;
		const buttons = choices.filter(c => c.el.localName !== 'input' && c.el.localName !== 'select');
		const go = send && !buttons.some(c => c.el === send.el) ? send
			: page.clicks.find(c => !c.state.chrome && !buttons.some(b => b.el === c.el) && words.has(clickText(page, c), 'submit')
				&& !words.has(clickText(page, c), 'cancel') && !words.has(clickText(page, c), 'another'));
		const sends = buttons.find(c => ['sms', 'email', 'whatsapp', 'call'].includes(c.channel));
		return {
			submit: go ? path(go.el) : sends ? path(sends.el) : null,
			choices: choices.map(c => ({ label: c.label, channel: c.channel, destination: c.destination, selector: path(c.el) })),
		};
	}

	function verdict(words, page) {
		if (!page.spans.size)
			return nothing;
		if (innerWidth < 30 || innerHeight < 20)
			return nothing;
		const judge = new Judge(page, words);
		const units = unitsOf(page);
		page.rows = units.filter(u => u.layout === 'boxes').length;
		units.forEach(unit => judge.judge(unit, units.length > 12));
		units.sort((a, b) => b.score - a.score);
		const best = units[0];
		if (best && best.score >= words.threshold)
			return codeVerdict(page, words, best);
		for (const kind of ['captcha', 'recovery', 'webauthn']) {
			const unit = units.find(u => u.flags.has('kind ' + kind));
			if (!unit || unit.flags.has('page chrome'))
				continue;
			const submit = submitOf(page, words, unit);
			return { ...nothing, kind, fields: unit.fields.map(f => path(f.el)), submit: submit && path(submit.el), score: words.threshold,
				evidence: unit.evidence, ...problemOf(page, words, unit), channel: kind === 'recovery' ? 'recovery' : 'unknown' };
		}
		if (captchaWidget(page))
			return { ...nothing, kind: 'captcha', score: words.threshold, evidence: ['a captcha'] };
		const kinds = pageKinds(page, words, judge, units);
		const body = kinds.texts.map(wordsOf).join(' . ');
		if (kinds.top) {
			const raw = kinds.texts.map(t => t.raw).join('\n');
			const more = kinds.top.kind === 'choose_method' ? methodVerdict(page, words, kinds) : {};
			return { ...nothing, ...kinds.top, channel: channelOf([body], words) ?? 'unknown', destination: destinationOf(raw),
				...problemOf(page, words, null), ...more };
		}
		if (!page.fields.some(f => f.type === 'password' && !f.ghost) && words.has(body, 'robot') && page.fields.filter(f => f.text && !f.state.chrome).length < 2)
			return { ...nothing, kind: 'captcha', score: words.threshold, evidence: [`text "${words.has(body, 'robot')}"`] };
		hosts = page.hosts.filter(mayBeClosed);
		return { ...nothing, closed: hosts.length > 0, best: best && { score: best.score, field: path(best.fields[0].el), evidence: best.evidence } };
	}

	/* ---- changes ---- */

	const watched = { subtree: true, childList: true, characterData: true, attributes: true,
		attributeFilter: ['class', 'style', 'hidden', 'disabled', 'readonly', 'open', 'type', 'aria-hidden', 'aria-disabled', 'aria-modal', 'inert', 'role'] };
	const bearing = 'input, textarea, button, iframe, select, form, dialog, [role], [contenteditable], a, img, canvas, h1, h2';

	/* Remembers the last verdict until something happens that may change it. */
	class Watch {
		constructor() {
			this.stale = true;
			this.judged = 0;      /* how often a verdict was made */
			this.spent = 0;       /* ms in the observer, for the bench */
			this.batches = 0;
			this.roots = new WeakSet();
			this.observer = new MutationObserver(records => this.look(records));
		}

		look(records) {
			const start = performance.now();
			if (!this.stale)
				this.stale = records.length > RECORDS_MAX || records.some(record => this.matters(record));
			this.batches++;
			this.spent += performance.now() - start;
		}

		/* Whether a change may change the verdict: it is near a field, in a dialog, or brings what counts. */
		matters({ type, target, addedNodes, removedNodes }) {
			const el = target.nodeType === 1 ? target : target.parentElement ?? target.host;
			if (!el)
				return true;
			if (this.small || this.isClose(el))
				return true;
			if (type === 'attributes')
				return el.matches('input, textarea, button, dialog, [role=dialog]') || this.page.places.levels.has(el);
			for (const nodes of [addedNodes, removedNodes])
				for (const node of nodes)
					if (node.nodeType === 1 && (node.localName.includes('-') || node.matches('input, textarea, dialog, iframe, form, [role=dialog]')
							|| node.querySelector('input, textarea, dialog, iframe, [role=dialog], [contenteditable]')))
						return true;
			return type === 'childList' && el === document.body && [...addedNodes].some(node => node.nodeType === 1 && node.matches(bearing));
		}

		isClose(el) {
			for (let up = el, n = 0; up && n < CLOSE_LEVELS; up = parentOf(up), n++) {
				const level = this.page.places.levels.get(up);
				if (level !== undefined)
					return level <= CLOSE_LEVELS && up !== document.body;
				if (this.page.places.whole.has(up) && up !== document.body.lastElementChild)
					return true;
			}
			return false;
		}

		/* What fields show without any change of the document. */
		pulse() {
			let text = `${innerWidth} ${location.href} ${document.title} `;
			for (const { el } of this.page.fields)
				text += el.checkVisibility(seen) ? el.disabled ? 'd' : (el.value ?? el.textContent) ? 'f' : 'e' : 'h';
			return text;
		}

		verdict(words) {
			this.look(this.observer.takeRecords());
			if (!this.stale && this.words === words && performance.now() - this.time < KEEP_MS && this.pulse() === this.last)
				return this.kept;
			this.page = new Survey();
			this.words = words;
			this.kept = verdict(words, this.page);
			this.small = this.page.texts.length < TEXTS_FREE / 2;
			this.time = performance.now();
			this.last = this.pulse();
			this.stale = false;
			this.judged++;
			this.observe(document);
			this.page.hosts.length = 0;
			return this.kept;
		}

		observe(root) {
			if (!this.roots.has(root)) {
				this.roots.add(root);
				this.observer.observe(root, watched);
			}
			for (const inner of this.page.places.roots)
				if (!this.roots.has(inner)) {
					this.roots.add(inner);
					this.observer.observe(inner, watched);
				}
		}
	}

	const watch = new Watch();

	let tell = null, told = true, answered = '';

	/* Tells the driver, once, that detect() would say something new. */
	function look() {
		if (!told && words && signature(watch.verdict(words)) !== answered) {
			told = true;
			globalThis[tell]('');
		}
	}

	const signature = v => [v.kind, v.fields, v.disabled, v.problem, v.message, v.resendDisabled].join(' ');

	let words = null;
	let hosts = [];              /* that may have a closed shadow root, of the last verdict */
	const asked = new WeakSet(); /* those that were handed out */

	/* An element that takes room and has no content that we can see. */
	function mayBeClosed(el) {
		if (asked.has(el) || rootOf(el))
			return false;
		const box = el.getBoundingClientRect();
		return box.width > 20 && box.height > 10 && el.checkVisibility(seen);
	}

	globalThis.gabbaiOtp = {
		words: null,
		path,
		hosts() {
			hosts.forEach(el => asked.add(el));
			return hosts;
		},
		open(host, root) {
			closedRoots.set(host, root);
			watch.stale = true;
		},
		/* Of the element of a frame: where it is, and whether its content can be seen at all. */
		owner(el) {
			const box = el.getBoundingClientRect();
			return { path: path(el), hidden: !el.checkVisibility(seen) || box.width < 30 || box.height < 20 || box.right < -400
				|| box.bottom + scrollY < -400 };
		},
		detect(vocabulary) {
			words = words && words.data === vocabulary ? words : new Words(vocabulary);
			const found = watch.verdict(words);
			answered = signature(found);
			told = false;
			return found;
		},
		/* From now on, globalThis[NAME]('') is called when detect() would say something new. */
		listen(vocabulary, name) {
			if (!tell)
				setInterval(look, LOOK_MS);
			tell = name;
		},
		cost: () => ({ judged: watch.judged, batches: watch.batches, observerMs: watch.spent }),
	};
})();
