/* The visible document, read once into texts, fields and controls in reading order. */

const FIELDS_MAX = 400;
const VISITS_FREE = 600, TEXTS_FREE = 300, TEXTS_MAX = 1200; /* elements and texts that are read anyway; texts read near fields */
const CLOSE_LEVELS = 4, CLOSE_CHILDREN = 60, CLOSE_SIBLINGS = 8, HOSTS_MAX = 40;
const LAST = 3, WHOLE_SIZE = 500; /* children of the body that are read whole; elements of what is */

/* What elements are by their names. */
const SKIPPED = 1, INLINE = 2, PLAIN = 4, OTHER = 8; /* OTHER: to be looked at one by one */
const HOST = 16;        /* may well have a shadow root */
const PICTURE = 32;
const elements = { __proto__: null };
for (const [kind, names] of [
	[SKIPPED, 'script style noscript template head option optgroup datalist object video audio map meta link title br hr wbr source path'],
	[INLINE, 'a abbr b bdi bdo big cite code em font i ins kbd mark q s samp small span strong sub sup time tt u var'],
	[PLAIN, 'div span p b i em strong li ul ol td tr table tbody small center'],
	[OTHER, 'input textarea select iframe frame slot'],
	[HOST, 'div section main article body'],
	[PICTURE, 'img canvas svg picture'],
])
	for (const name of names.split(' '))
		elements[name] |= kind;

const textTypes = new Set(['text', 'tel', 'number', 'password', 'search']);
const codeless = new Set(['search', 'email', 'url', 'date', 'month', 'week', 'time', 'datetime-local', 'color', 'range', 'file']);
const pressTypes = new Set(['submit', 'button', 'image', 'reset']);
const landmark = /^(?:navigation|banner|contentinfo|complementary|search)$/;
const clickRole = /^(?:button|link|menuitem|tab|option|radio)$/;
const clickClass = /(?:^|[\s_-])(?:btn|button|link|resend|clickable)(?:$|[\s_-])/i;
const alertClass = /(?:^|[\s_-])(?:error|errors|invalid|danger|alert|warning|fail|failed|feedback|err)(?:$|[\s_-])/i;
const headClass = /(?:^|[\s_-])(?:title|heading|headline)(?:$|[\s_-])/i;
const cookieName = /cookie|onetrust|gdpr|didomi|usercentrics/i;
const pageParts = 'input:not([type=hidden], [type=checkbox], [type=radio]), textarea, main, h1'; /* no cookie bar has them */
const telling = /title|head|btn|button|link|resend|clickable|err|invalid|danger|alert|warning|fail|feedback|cookie|onetrust|gdpr|didomi|usercentrics/i;
const dialogs = 'dialog, [role=dialog], [role=alertdialog], [aria-modal=true]';
const marked = 'input:not([type=hidden], [type=checkbox], [hidden]), textarea, dialog, [role], [contenteditable], [aria-modal]';
const loneHosts = ':empty:is(div, span, section, main, article, aside, p)';
const customHosts = '//*[contains(local-name(), "-")]';

const seen = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: false };

const isSmall = el => !el.getElementsByTagName('*').item(WHOLE_SIZE);

/* Where to read closely: what has fields or dialogs in it, by how far up. */
class Places {
	constructor() {
		this.levels = new Map();
		this.whole = new Set();
		this.fields = [];
		this.marked = new Set(); /* what else the query finds */
		this.editable = document.designMode === 'on';
		this.roots = [];
	}

	mark(el, from = 0) {
		for (let up = el, level = from; up; up = parentOf(up), level++) {
			const known = this.levels.get(up);
			if (known !== undefined && known <= level)
				return;
			this.levels.set(up, level);
		}
	}

	/* Shadow roots are looked for where they are likely; the others are found when their hosts are read. */
	scan(root) {
		const found = root.querySelectorAll(marked);
		for (let i = 0; i < found.length; i++) {
			const el = found[i], { localName } = el;
			if (localName === 'input' || localName === 'textarea') {
				/* What stands near a field that never takes a code is of no interest. */
				this.mark(el, codeless.has(el.type) || el.closest('[role=search]') ? CLOSE_LEVELS + 1 : 0);
				this.fields.push(el);
				continue;
			}
			this.marked.add(el);
			if (el.hasAttribute('contenteditable'))
				this.editable = true;
			if (el.matches('[contenteditable], [role=textbox]')) {
				this.mark(el);
				this.fields.push(el);
			}
			if (el.matches(dialogs)) {
				this.mark(el);
				this.whole.add(el);
			}
		}
		const hosts = root.querySelectorAll(root === document ? loneHosts : '*');
		for (let i = 0; i < hosts.length; i++)
			if (shadowed || hosts[i].shadowRoot)
				this.enter(hosts[i]);
		if (root !== document)
			return;
		const custom = document.evaluate(customHosts, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
		for (let i = 0; i < custom.snapshotLength; i++)
			this.enter(custom.snapshotItem(i));
	}

	enter(host) {
		const root = rootOf(host);
		if (!root || this.roots.includes(root))
			return;
		shadowed = true;
		this.mark(host);
		this.roots.push(root);
		this.scan(root);
	}
}

/* Reads the document in the order of the flat tree: the first VISITS_FREE elements, up to TEXTS_FREE texts, and then only
 * what stands near fields, in dialogs and at the end. */
class Survey {
	constructor() {
		this.texts = [];
		this.fields = [];
		this.choices = [];
		this.clicks = [];
		this.pictures = [];
		this.spans = new Map(); /* of what has fields in it */
		this.used = [];         /* elements that the verdict names */
		this.dialogs = [];
		this.hosts = [];
		this.visits = 0;
		this.block = null;
		this.labels = null;
		this.named = new Map();
		this.places = new Places();
		const { body } = document;
		if (!body)
			return;
		this.places.scan(document);
		this.shown = false;
		for (let el = body.lastElementChild, n = 0; el && n < LAST; el = el.previousElementSibling)
			if (!(elements[el.localName] & SKIPPED)) {
				n++;
				if (isSmall(el))
					this.places.whole.add(el);
			}
		this.visit(body, { faint: false, chrome: false, held: false, heading: false, label: null, alert: false, click: null, whole: false });
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

	/* The labels of EL, as el.labels, which looks at the whole document each time. */
	labelsOf(el) {
		if (!this.labels) {
			this.labels = new Map();
			for (const root of [document, ...this.places.roots])
				for (const label of root.querySelectorAll('label')) {
					const { control } = label;
					if (control)
						this.labels.get(control)?.push(label) ?? this.labels.set(control, [label]);
				}
		}
		return this.labels.get(el) ?? [];
	}

	field(el, state) {
		const type = el.localName === 'textarea' ? 'textarea' : el.localName === 'input' ? el.type : 'editable';
		if (!this.places.levels.has(el))
			this.places.mark(el);
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

	/* What stands in PARENT, or in its shadow ROOT; all of it if WHOLE, as long as there is room for it. */
	walk(parent, root, state, whole) {
		const { places, texts } = this;
		for (let node = (root ?? parent).firstChild; node; node = node.nextSibling) {
			const type = node.nodeType;
			if (type === 3) {
				if (!state.faint)
					this.say(node.data, parent, state);
			} else if (type === 1 && (this.isFree() || (whole && texts.length < TEXTS_MAX) || places.levels.has(node)
					|| places.whole.has(node) || this.isClose(node, parent))) {
				this.visit(node, state);
			}
		}
	}

	isFree() {
		return this.visits < VISITS_FREE && this.texts.length < TEXTS_FREE;
	}

	visit(el, state) {
		this.visits++;
		const name = el.localName, kind = elements[name] ?? (name.includes('-') ? HOST : 0);
		if (kind & SKIPPED || (kind & OTHER && name === 'input' && el.type === 'hidden'))
			return;
		if (kind & PICTURE) {
			if (!state.faint)
				this.pictures.push({ el, state, at: this.texts.length, frame: false });
			return;
		}
		if (!el.checkVisibility(seen)) {
			if (!el.checkVisibility())
				return;
			if (!state.faint)
				state = { ...state, faint: true };
		}
		if (kind & OTHER && name !== 'slot')
			return this.other(el, name, state);
		const { places, texts } = this, bare = !el.hasAttributes();
		if (!bare && el.inert)
			return;
		this.shown = true;
		const inner = bare && kind & PLAIN ? state : this.stateOf(el, name, kind, state);
		const click = inner.click === el ? this.clicks.at(-1) : null;
		if (places.editable && el.isContentEditable && !el.parentElement?.isContentEditable) {
			this.field(el, state);
			if (el.childElementCount === 0)
				return;
		}
		const from = texts.length, firstField = this.fields.length, firstClick = this.clicks.length - (click ? 1 : 0);
		const apart = inner !== state || !(kind & INLINE), root = shadowed || kind & HOST ? rootOf(el) : null;
		if (apart)
			this.block = null;
		if (root || el.firstElementChild || kind & OTHER)
			this.enter(el, name, root, inner);
		else
			this.leaf(el, kind, inner);
		if (apart)
			this.block = null;
		if (places.levels.has(el))
			this.spans.set(el, [from, texts.length, firstField, this.fields.length, firstClick, this.clicks.length]);
		if (click)
			click.to = texts.length;
	}

	other(el, name, state) {
		if (name === 'input')
			this.input(el, state);
		else if (name === 'textarea')
			this.field(el, state);
		else if (name === 'select')
			this.choices.push({ el, state, at: this.texts.length });
		else
			this.pictures.push({ el, state, at: this.texts.length, frame: true });
	}

	/* Whether a class or id may say anything: pages use the same ones again and again. */
	tells(text) {
		let tells = this.named.get(text);
		if (tells === undefined)
			this.named.set(text, tells = telling.test(text));
		return tells;
	}

	/* What EL is for what stands in it; STATE itself when it is nothing. */
	stateOf(el, name, kind, state) {
		const css = classOf(el), { id } = el, marked = this.places.marked.has(el);
		const named = (css !== '' && this.tells(css)) || (id !== '' && telling.test(id));
		const pressed = el.hasAttribute('onclick'), live = el.hasAttribute('aria-live');
		if (!named && !marked && !pressed && !live && kind & PLAIN)
			return state;
		const role = marked ? attribute(el, 'role') : '';
		const next = { ...state };
		if (name === 'nav' || name === 'aside' || (role && landmark.test(role)) || ((name === 'header' || name === 'footer') && !state.held))
			next.chrome = true;
		if (named && (cookieName.test(css) || cookieName.test(id)) && !el.querySelector(pageParts))
			next.chrome = true;
		if (name === 'main' || name === 'form' || name === 'article' || name === 'section' || role === 'main')
			next.held = true;
		if (name === 'dialog' || role === 'dialog' || role === 'alertdialog' || (marked && attribute(el, 'aria-modal') === 'true')) {
			next.chrome = false;
			next.held = true;
			this.places.mark(el);
			this.dialogs.push(el);
		}
		if ((name.length === 2 && name[0] === 'h' && /[1-6]/.test(name[1])) || name === 'legend' || role === 'heading'
				|| (named && name !== 'body' && headClass.test(css)))
			next.heading = true;
		if (name === 'label')
			next.label = el;
		if (role === 'alert' || role === 'status' || live || (named && (alertClass.test(css) || alertClass.test(id))))
			next.alert = true;
		const strong = name === 'button' || name === 'a' || name === 'summary' || (role && clickRole.test(role)) || name.endsWith('-button');
		const weak = !strong && !state.click && name !== 'form' && name !== 'body' && name !== 'label'
			&& (pressed || (named && clickClass.test(css) && el.childElementCount < 3));
		if (strong || weak) {
			next.click = el;
			this.clicks.push({ el, state: next, at: this.texts.length, to: this.texts.length, text: null, strong: Boolean(strong) });
		}
		return next.chrome !== state.chrome || next.held !== state.held || next.heading !== state.heading || next.label !== state.label
			|| next.alert !== state.alert || next.click !== state.click ? next : state;
	}

	leaf(el, kind, state) {
		const text = el.textContent.trim();
		if (text && !state.faint)
			this.say(text, el, state);
		else if (!text && kind & HOST && this.hosts.length < HOSTS_MAX)
			this.hosts.push(el);
	}

	enter(el, name, root, state) {
		const { places } = this;
		if (root)
			places.enter(el);
		if (name === 'slot') {
			const assigned = el.assignedNodes({ flatten: true });
			for (const node of assigned)
				if (node.nodeType === 1)
					this.visit(node, state);
				else if (node.nodeType === 3 && !state.faint)
					this.say(node.data, el, state);
			if (assigned.length)
				return;
		}
		const level = places.levels.get(el);
		const whole = state.whole || places.whole.has(el) || (level !== undefined && level <= CLOSE_LEVELS && el.childElementCount <= CLOSE_CHILDREN && isSmall(el));
		if (whole && !state.whole && !this.isFree())
			state = { ...state, whole: true };
		this.walk(el, root, state, whole);
	}

	/* Beside something that has a field not far below. */
	isClose(node, parent) {
		const level = this.places.levels.get(parent);
		if (level === undefined || level > 2 * CLOSE_LEVELS)
			return false;
		for (let one = node, n = 0; one && n < CLOSE_SIBLINGS; one = one.nextElementSibling, n++)
			if (this.places.levels.has(one))
				return true;
		for (let one = node, n = 0; one && n < CLOSE_SIBLINGS; one = one.previousElementSibling, n++)
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
