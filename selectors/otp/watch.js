/* The last verdict, kept until something happens that may change it; and, for a driver that listens, a word when it
 * has changed.  What no record of the document tells (values, what style sheets hide) is looked at by a timer. */

const KEEP_MS = 1000; /* of a verdict that is asked for; then even far changes count */
const TICK_MS = 100, SOON_MS = 20, SHARE = 20; /* a timer's verdicts take at most a SHAREth of the page's time */
const RECORDS_MAX = 1000, NODES_MAX = 400, PULSE_MAX = 60;
const SLACK_S = 5; /* a countdown may be off by so much */

const watched = { subtree: true, childList: true, characterData: true, attributes: true,
	attributeFilter: ['class', 'style', 'hidden', 'disabled', 'readonly', 'open', 'type', 'aria-hidden', 'aria-disabled', 'aria-modal', 'inert', 'role'] };
const bringing = 'input, textarea, dialog, iframe, form, [role=dialog], [contenteditable]';
const bearing = 'input, textarea, button, iframe, select, form, dialog, [role], [contenteditable], a, img, canvas, h1, h2';

/* What a driver goes by, without times and what counts them. */
function signature(v) {
	const message = v.message?.replace(v.retryAfter === null ? /\d+:\d\d/g : /\d+/g, '0');
	return JSON.stringify([v.kind, v.fields, v.digits, v.charset, v.filled, v.disabled, v.submit, v.submitDisabled, v.resend, v.resendDisabled,
		v.trigger, v.sent, v.numberMissing, v.trustDevice, v.channel, v.destination, v.problem, message, v.choices, v.others, v.closed]);
}

/* Whether a time went on otherwise than by passing: WAS was said BEFORE ms. */
const jumped = (is, was, before) => is !== was
	&& (is === null || was === null || is === undefined || was === undefined || Math.abs(was - before / 1000 - is) > SLACK_S);

class Watch {
	constructor() {
		this.stale = true;
		this.words = null;
		this.tell = null;     /* for a driver that listens: tells it, and answers whether it could */
		this.told = false;
		this.restless = false; /* something has happened since, if only far away */
		this.answered = null; /* { signature, verdict, time } that the driver knows */
		this.timer = 0;
		this.due = 0;         /* when the timer may judge again */
		this.far = new WeakSet();
		this.counts = { judged: 0, verdictMs: 0, batches: 0, observerMs: 0, ticks: 0, tickMs: 0 };
		this.roots = new WeakSet();
		this.observer = new MutationObserver(records => this.look(records));
	}

	/* ---- what happens in the document ---- */

	look(records) {
		const start = performance.now();
		this.restless = this.restless || records.length > 0;
		if (!this.stale && (records.length > RECORDS_MAX || this.concerns(records))) {
			this.stale = true;
			this.wait(SOON_MS);
		}
		this.counts.batches++;
		this.counts.observerMs += performance.now() - start;
	}

	/* Whether RECORDS may change the verdict: a change is near a field, in a dialog, or brings what counts. */
	concerns(records) {
		let nodes = 0;
		for (const record of this.small ? [] : records) {
			const { target, type } = record;
			if (!this.far.has(target)) {
				if (this.isNear(target, type))
					return true;
				this.far.add(target);
			}
			if (type !== 'childList')
				continue;
			const { addedNodes, removedNodes } = record;
			nodes += addedNodes.length + removedNodes.length;
			if (nodes > NODES_MAX || this.brings(addedNodes, target) || this.brings(removedNodes, target))
				return true;
		}
		return this.small && records.length > 0;
	}

	isNear(target, type) {
		const el = target.nodeType === 1 ? target : target.parentElement ?? target.host;
		if (!el || this.isClose(el))
			return true;
		return type === 'attributes' && (this.page.places.levels.has(el) || el.matches('input, textarea, button, dialog, [role=dialog]'));
	}

	isClose(el) {
		const { levels, whole } = this.page.places;
		for (let up = el, n = 0; up && n < CLOSE_LEVELS; up = parentOf(up), n++) {
			const level = levels.get(up);
			if (level !== undefined)
				return level <= CLOSE_LEVELS && up !== document.body;
			if (whole.has(up) && up !== document.body.lastElementChild)
				return true;
		}
		return false;
	}

	brings(nodes, target) {
		for (let i = 0; i < nodes.length; i++) {
			const node = nodes[i];
			if (node.nodeType !== 1)
				continue;
			if (node.localName.includes('-') || node.matches(target === document.body ? bearing : bringing)
					|| (node.firstElementChild && node.querySelector(bringing)))
				return true;
		}
		return false;
	}

	/* What fields show without any change of the document. */
	pulse() {
		let text = `${innerWidth} ${location.href} ${document.title} `, n = 0;
		for (const el of new Set([...this.page.used, ...this.page.places.fields])) {
			text += !el.checkVisibility(seen) ? 'h' : el.disabled ? 'd' : (el.value ?? el.textContent) ? 'f' : 'e';
			if (++n === PULSE_MAX)
				break;
		}
		return text;
	}

	/* ---- verdicts ---- */

	/* Whether the verdict may have changed, by all that is known, or that has not been looked at for KEPT_MS. */
	isOld(keptMs) {
		this.look(this.observer.takeRecords());
		return this.stale || (performance.now() - this.time >= keptMs && this.restless) || this.pulse() !== this.last;
	}

	judge() {
		const start = performance.now();
		this.page = new Survey();
		this.kept = verdict(this.words, this.page);
		this.small = this.page.texts.length < TEXTS_FREE / 2;
		this.time = performance.now();
		this.last = this.pulse();
		this.stale = this.restless = false;
		this.far = new WeakSet();
		this.observe(document);
		this.page.hosts.length = 0;
		this.counts.judged++;
		this.counts.verdictMs += performance.now() - start;
		this.due = performance.now() + (performance.now() - start) * SHARE;
		return this.kept;
	}

	/* What the driver asks for; it knows now. */
	verdict(words) {
		if (this.words !== words || performance.now() - this.time >= KEEP_MS || this.isOld(KEEP_MS)) {
			this.words = words;
			this.judge();
		}
		this.answered = { signature: signature(this.kept), verdict: this.kept, time: performance.now() };
		this.told = false;
		this.wait(TICK_MS);
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

	/* ---- for a driver that listens ---- */

	listen(tell) {
		const first = !this.tell;
		this.tell = tell;
		if (first)
			this.wait(0);
	}

	/* Looks in MS, or sooner when that was meant before; not while the driver has been told and has not asked. */
	wait(ms) {
		const at = performance.now() + ms;
		if (!this.tell || this.told || (this.timer && this.at <= at))
			return;
		clearTimeout(this.timer);
		this.at = at;
		this.timer = setTimeout(() => this.tick(), ms);
	}

	tick() {
		const start = performance.now();
		this.timer = 0;
		let next = TICK_MS;
		if (this.isOld(KEEP_MS)) {
			if (start >= this.due)
				this.judge();
			else
				next = Math.max(this.due - start, SOON_MS);
		}
		this.counts.ticks++;
		this.counts.tickMs += performance.now() - start;
		this.told = this.isNews() && this.tell();
		this.wait(next);
	}

	isNews() {
		const { kept, answered } = this;
		if (!answered || answered.verdict === kept)
			return !answered;
		const since = performance.now() - answered.time;
		return signature(kept) !== answered.signature || jumped(kept.expiresIn, answered.verdict.expiresIn, since)
			|| jumped(kept.resendIn, answered.verdict.resendIn, since);
	}
}
