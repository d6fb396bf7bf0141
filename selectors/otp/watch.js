/* The last verdict, kept until something happens that may change it. */

const KEEP_MS = 1000, RECORDS_MAX = 500, LOOK_MS = 50;

const watched = { subtree: true, childList: true, characterData: true, attributes: true,
	attributeFilter: ['class', 'style', 'hidden', 'disabled', 'readonly', 'open', 'type', 'aria-hidden', 'aria-disabled', 'aria-modal', 'inert', 'role'] };
const bearing = 'input, textarea, button, iframe, select, form, dialog, [role], [contenteditable], a, img, canvas, h1, h2';

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
