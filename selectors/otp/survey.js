/* The visible document, read once into texts, fields and controls in reading order. */

const FIELDS_MAX = 400;
const TEXTS_FREE = 300, TEXTS_MAX = 1200; /* read anyway; read near fields */
const CLOSE_LEVELS = 4, CLOSE_CHILDREN = 60, CLOSE_SIBLINGS = 8, LAST = 3, HOSTS_MAX = 40;

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
const cookieName = /cookie|onetrust|gdpr|didomi|usercentrics/i;
const dialogs = 'dialog, [role=dialog], [role=alertdialog], [aria-modal=true]';

const seen = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: false };

const telling = /title|head|btn|button|link|resend|clickable|err|invalid|danger|alert|warning|fail|feedback|cookie|onetrust|gdpr|didomi|usercentrics/i;
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

const pageParts = 'input:not([type=hidden], [type=checkbox], [type=radio]), textarea, main, h1'; /* no cookie bar has them */

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
		if (named && (cookieName.test(css) || cookieName.test(el.id)) && !el.querySelector(pageParts))
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
