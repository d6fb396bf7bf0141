'use strict';
/* Finding elements, the way people name them.  Runs in an isolated world of every frame, before act.js.
 *
 * A locator is a text; each line is an alternative and the first that matches anything wins.  An
 * alternative is parts joined by " >> ", each of which searches inside what the one before found:
 *
 *	css=…, or no engine at all    CSS; open shadow roots are looked through
 *	text=…                        the smallest elements with this text: part of it, white space and case
 *	                              aside; text="…" whole and to the letter; text=/…/i by expression
 *	role=button[name="…"]         ARIA role; name= part of it, name== whole, name=/…/i; also [checked],
 *	                              [disabled], [expanded], [pressed], [selected], [level=2]
 *	label=…  placeholder=…  title=…  alt=…      by that text, with the rules of text=
 *	testid=…                      data-testid, data-test-id, data-test
 *	xpath=…, or //…               XPath, in the document itself
 *	nth=0  visible=true  has-text=…  has=…      filters on what was found; nth=-1 is the last
 *
 * In CSS, a descendant combinator crosses into open shadow roots: "x-app .row button" finds a button in
 * the shadow tree of something in the shadow tree of x-app. */
(() => {
	const gabbai = globalThis.gabbai ??= {};
	if (gabbai.find)
		return;

	function wrong(part, why) {
		return Object.assign(new Error(`'${part}': ${why}`), { name: 'SelectorError' });
	}

	const tidy = text => text.replace(/[\u200b\u200e\u200f\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();

	/* ---- trees ---- */

	/* An open shadow root, or a closed one that the driver has opened (cdp_frame_closed_roots). */
	const rootOf = el => el?.shadowRoot ?? gabbai.closedRoots?.get(el) ?? null;

	/* The parent as the page is painted: slots and shadow hosts included. */
	gabbai.parentOf = node => node.assignedSlot
		?? node.parentElement
		?? (node.parentNode instanceof ShadowRoot ? node.parentNode.host : null);

	gabbai.deepActiveElement = () => {
		let el = document.activeElement;
		while (rootOf(el)?.activeElement)
			el = rootOf(el).activeElement;
		return el;
	};

	gabbai.deepElementFromPoint = (x, y) => {
		let el = document.elementFromPoint(x, y);
		for (;;) {
			const inner = rootOf(el)?.elementFromPoint(x, y);
			if (!inner || inner === el)
				return el;
			el = inner;
		}
	};

	/* ROOT and all open shadow roots below it. */
	function rootsBelow(root, out = [root]) {
		if (rootOf(root)) {
			out.push(rootOf(root));
			rootsBelow(rootOf(root), out);
		}
		const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
		for (let el = walker.nextNode(); el; el = walker.nextNode()) {
			if (!rootOf(el))
				continue;
			out.push(rootOf(el));
			rootsBelow(rootOf(el), out);
		}
		return out;
	}

	/* Elements below ROOT in the order of the document, shadow trees in their hosts' places. */
	function* elementsBelow(root) {
		if (rootOf(root))
			yield* elementsBelow(rootOf(root));
		for (const child of root.children) {
			yield child;
			yield* elementsBelow(child);
		}
	}

	/* ---- visibility and words ---- */

	gabbai.visible = el => {
		if (el instanceof HTMLOptionElement)
			return el.parentElement ? gabbai.visible(el.closest('select') ?? el.parentElement) : false;
		if (!el.isConnected)
			return false;
		const style = getComputedStyle(el);
		if (style.display === 'contents')
			return [...el.childNodes].some(n => n instanceof Element ? gabbai.visible(n)
				: n.nodeType === Node.TEXT_NODE && n.data.trim() !== '');
		if (style.visibility !== 'visible' || !el.checkVisibility())
			return false;
		const r = el.getBoundingClientRect();
		return r.width > 0 && r.height > 0;
	};

	const silent = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'TITLE']);

	function rawText(node) {
		if (node.nodeType === Node.TEXT_NODE)
			return node.data;
		if (!(node instanceof Element) || silent.has(node.tagName))
			return '';
		if (node instanceof HTMLInputElement)
			return /^(button|submit|reset)$/.test(node.type) ? node.value : '';
		if (node.tagName === 'BR')
			return '\n';
		const from = node.tagName === 'SLOT' && node.assignedNodes().length ? node.assignedNodes()
			: (rootOf(node) ?? node).childNodes;
		let out = '';
		for (const child of from)
			out += rawText(child);
		/* Blocks stand apart, as they do on the screen. */
		return /^(DIV|P|LI|TR|TD|TH|H[1-6]|SECTION|OPTION|LABEL)$/.test(node.tagName) ? ` ${out} ` : out;
	}

	gabbai.text = el => tidy(el.innerText !== undefined && !rootOf(el) && !el.querySelector('slot')
		? el.innerText : rawText(el));

	gabbai.describe = el => {
		if (!(el instanceof Element))
			return String(el?.nodeName ?? el);
		let out = el.localName;
		if (el.id)
			out += ` id=${el.id}`;
		if (typeof el.className === 'string' && el.className.trim())
			out += ` class="${tidy(el.className)}"`;
		for (const name of ['name', 'type', 'role', 'formcontrolname'])
			if (el.hasAttribute(name))
				out += ` ${name}=${el.getAttribute(name)}`;
		const words = /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) || el.isContentEditable ? ''
			: tidy(el.textContent).slice(0, 30);
		return `<${out}>${words}`.slice(0, 120);
	};

	/* A test of texts: substring, "exact" or /expression/. */
	function matcher(body) {
		const expression = /^\/(.*)\/([a-z]*)$/s.exec(body);
		if (expression) {
			try {
				const re = new RegExp(expression[1], expression[2].replace('g', ''));
				return text => re.test(text);
			} catch (error) {
				throw wrong(body, error.message);
			}
		}
		const quoted = /^"(.*)"$/s.exec(body) ?? /^'(.*)'$/s.exec(body);
		if (quoted)
			return text => text === tidy(quoted[1]);
		const part = tidy(body).toLowerCase();
		if (!part)
			throw wrong(body, 'no text');
		return text => text.toLowerCase().includes(part);
	}

	/* ---- roles and names ---- */

	const inputRoles = {
		button: 'button', submit: 'button', reset: 'button', image: 'button', checkbox: 'checkbox',
		radio: 'radio', range: 'slider', number: 'spinbutton', search: 'searchbox', email: 'textbox',
		tel: 'textbox', text: 'textbox', url: 'textbox', '': 'textbox',
	};

	const tagRoles = {
		article: 'article', aside: 'complementary', button: 'button', datalist: 'listbox', dd: 'definition',
		details: 'group', dialog: 'dialog', dt: 'term', fieldset: 'group', figure: 'figure', form: 'form',
		h1: 'heading', h2: 'heading', h3: 'heading', h4: 'heading', h5: 'heading', h6: 'heading',
		hr: 'separator', li: 'listitem', main: 'main', math: 'math', menu: 'list', nav: 'navigation',
		ol: 'list', optgroup: 'group', option: 'option', output: 'status', p: 'paragraph',
		progress: 'progressbar', meter: 'meter', table: 'table', tbody: 'rowgroup', td: 'cell',
		textarea: 'textbox', tfoot: 'rowgroup', thead: 'rowgroup', time: 'time', tr: 'row', ul: 'list',
		code: 'code', em: 'emphasis', strong: 'strong', del: 'deletion', ins: 'insertion',
		blockquote: 'blockquote', sub: 'subscript', sup: 'superscript', search: 'search',
	};

	const sectioning = 'article, aside, main, nav, section';

	const implicit = {
		a: el => el.hasAttribute('href') ? 'link' : 'generic',
		area: el => el.hasAttribute('href') ? 'link' : 'generic',
		header: el => el.closest(sectioning) ? 'generic' : 'banner',
		footer: el => el.closest(sectioning) ? 'generic' : 'contentinfo',
		img: el => el.getAttribute('alt') === '' ? 'presentation' : 'img',
		svg: () => 'img',
		input: el => /^(text|search|email|tel|url)?$/.test(el.type) && el.hasAttribute('list') ? 'combobox'
			: inputRoles[el.type] ?? '',
		select: el => el.multiple || el.size > 1 ? 'listbox' : 'combobox',
		section: el => el.hasAttribute('aria-label') || el.hasAttribute('aria-labelledby') ? 'region' : 'generic',
		th: el => el.scope === 'row' || el.scope === 'rowgroup' ? 'rowheader' : 'columnheader',
		summary: () => 'button',
	};

	gabbai.role = el => {
		const given = tidy(el.getAttribute('role') ?? '').split(' ')[0];
		if (given && given !== 'none' && given !== 'presentation')
			return given;
		if (given)
			return 'presentation';
		return implicit[el.localName]?.(el) ?? tagRoles[el.localName] ?? 'generic';
	};

	const fromContent = new Set(['button', 'cell', 'checkbox', 'columnheader', 'gridcell', 'heading', 'link',
		'menuitem', 'menuitemcheckbox', 'menuitemradio', 'option', 'radio', 'row', 'rowheader', 'switch',
		'tab', 'tooltip', 'treeitem']);

	const hidden = el => el.getAttribute('aria-hidden') === 'true' || !el.checkVisibility()
		|| getComputedStyle(el).visibility !== 'visible';

	function generated(el, which) {
		const content = getComputedStyle(el, which).content;
		const quoted = /^"(.*)"$/s.exec(content);
		return quoted ? quoted[1].replace(/\\"/g, '"') : '';
	}

	function contentName(el, seen, evenHidden) {
		let out = generated(el, '::before');
		const from = el.tagName === 'SLOT' && el.assignedNodes().length ? el.assignedNodes()
			: (rootOf(el) ?? el).childNodes;
		for (const child of from) {
			if (child.nodeType === Node.TEXT_NODE)
				out += child.data;
			else if (child instanceof Element && !silent.has(child.tagName) && (evenHidden || !hidden(child))) {
				const inline = getComputedStyle(child).display.startsWith('inline');
				const name = nameOf(child, seen, true, evenHidden);
				out += inline ? name : ` ${name} `;
			}
		}
		return out + generated(el, '::after');
	}

	/* What a control inside a label says: its value. */
	function embedded(el) {
		const role = gabbai.role(el);
		if (role === 'textbox' || role === 'searchbox')
			return el.value ?? el.textContent;
		if (el instanceof HTMLSelectElement)
			return [...el.selectedOptions].map(o => o.label).join(' ');
		if (role === 'slider' || role === 'spinbutton')
			return el.getAttribute('aria-valuetext') ?? el.getAttribute('aria-valuenow') ?? el.value ?? '';
		return null;
	}

	const natively = {
		img: el => el.getAttribute('alt'),
		area: el => el.getAttribute('alt'),
		fieldset: (el, seen) => childName(el, 'legend', seen),
		figure: (el, seen) => childName(el, 'figcaption', seen),
		table: (el, seen) => childName(el, 'caption', seen),
		svg: (el, seen) => childName(el, 'title', seen),
		input: el => el.type === 'submit' ? el.value || 'Submit' : el.type === 'reset' ? el.value || 'Reset'
			: el.type === 'button' ? el.value : el.type === 'image' ? el.alt || 'Submit' : null,
		optgroup: el => el.label,
	};

	function childName(el, tag, seen) {
		const child = [...el.children].find(c => c.localName === tag);
		return child ? tag === 'title' ? child.textContent : contentName(child, seen) : null;
	}

	/* Accessible name and description computation 1.2, in short. */
	function nameOf(el, seen, inside, evenHidden, followed) {
		if (seen.has(el))
			return '';
		seen.add(el);
		if (!followed && el.hasAttribute('aria-labelledby')) {
			const names = el.getAttribute('aria-labelledby').split(/\s+/)
				.map(id => id && el.getRootNode().getElementById?.(id)).filter(Boolean)
				.map(e => tidy(nameOf(e, new Set(e === el ? [] : [el]), true, hidden(e), true)));
			if (names.join(''))
				return names.join(' ');
		}
		const value = inside && followed !== true ? embedded(el) : null;
		if (value !== null && inside)
			return value;
		const label = tidy(el.getAttribute('aria-label') ?? '');
		if (label)
			return label;
		if (el.labels?.length && !inside) {
			const names = [...el.labels].map(l => tidy(contentName(l, new Set([el, ...seen]), false)));
			if (names.join(''))
				return names.join(' ');
		}
		const native = natively[el.localName]?.(el, seen);
		if (native)
			return native;
		if (inside || fromContent.has(gabbai.role(el))) {
			const name = contentName(el, seen, evenHidden);
			if (tidy(name))
				return name;
		}
		return el.getAttribute('title') || el.getAttribute('placeholder') || '';
	}

	gabbai.accname = el => tidy(nameOf(el, new Set(), false, false));

	/* ---- engines ---- */

	/* A selector is split at its descendant combinators for the crossing of shadow roots: each piece is
	 * matched by the platform, the way up is ours. */
	function splitCompound(selector) {
		const out = [];
		let depth = 0, quote = null, piece = '';
		for (let i = 0; i < selector.length; i++) {
			const c = selector[i];
			if (c === '\\') {
				piece += c + (selector[++i] ?? '');
				continue;
			}
			if (quote)
				quote = c === quote ? null : quote;
			else if (c === '"' || c === "'")
				quote = c;
			else if (c === '(' || c === '[')
				depth++;
			else if (c === ')' || c === ']')
				depth--;
			else if (depth === 0 && /\s/.test(c) && !/^\s*[>+~]/.test(selector.slice(i)) && !/[>+~]\s*$/.test(piece)) {
				if (piece.trim())
					out.push(piece.trim());
				piece = '';
				continue;
			}
			piece += c;
		}
		return piece.trim() ? [...out, piece.trim()] : out;
	}

	function splitList(selector) {
		const out = [''];
		let depth = 0, quote = null;
		for (const c of selector) {
			if (quote)
				quote = c === quote ? null : quote;
			else if (c === '"' || c === "'")
				quote = c;
			else if (c === '(' || c === '[')
				depth++;
			else if (c === ')' || c === ']')
				depth--;
			if (c === ',' && depth === 0 && !quote)
				out.push('');
			else
				out[out.length - 1] += c;
		}
		return out;
	}

	const hostOf = node => node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null;

	function matchesAcross(el, pieces, scope) {
		if (!el.matches(pieces.at(-1)))
			return false;
		let i = pieces.length - 2;
		for (let up = el.parentElement ?? hostOf(el); up && i >= 0; up = up.parentElement ?? hostOf(up))
			if (up.matches(pieces[i]) || pieces[i] === ':scope' && up === scope)
				i--;
		return i < 0;
	}

	function css(root, selector) {
		let direct;
		try {
			direct = [...root.querySelectorAll(selector)];
		} catch {
			throw wrong(selector, 'not a valid CSS selector');
		}
		const roots = rootsBelow(root);
		if (roots.length === 1)
			return direct;
		const found = new Set(direct);
		for (const list of splitList(selector)) {
			const pieces = splitCompound(list);
			for (const inner of roots)
				for (const el of inner.querySelectorAll(pieces.at(-1)))
					if (!found.has(el) && matchesAcross(el, pieces, root))
						found.add(el);
		}
		return inOrder(root, found);
	}

	/* Document order through shadow roots; only pages with shadow roots pay for it. */
	function inOrder(root, set) {
		const out = [];
		for (const el of elementsBelow(root))
			if (set.has(el))
				out.push(el);
		return out;
	}

	function text(root, body) {
		const test = matcher(body);
		const out = [];
		const visit = el => {
			if (silent.has(el.tagName))
				return false;
			if (!test(tidy(rawText(el))) && !rootOf(el) && !el.querySelector('*'))
				return false;
			let deeper = false;
			const children = rootOf(el) ? [...rootOf(el).children, ...el.children] : el.children;
			for (const child of children)
				deeper = visit(child) || deeper;
			if (!deeper && test(tidy(rawText(el))))
				out.push(el);
			else if (!deeper)
				return false;
			return true;
		};
		const tops = root instanceof Element ? [root] : root.children;
		for (const el of tops)
			visit(el);
		return out;
	}

	/* Attributes in brackets: [name="x"], [level=2], [checked]. */
	function roleTests(body) {
		const head = /^\s*([a-z]+)\s*/i.exec(body);
		if (!head)
			throw wrong(body, 'no role');
		const tests = [];
		let rest = body.slice(head[0].length);
		const attribute = /^\[\s*([a-z-]+)\s*(?:(==?)\s*("(?:[^"\\]|\\.)*"|'[^']*'|\/(?:[^/\\]|\\.)*\/[a-z]*|[^\]]+))?\s*\]\s*/i;
		while (rest) {
			const m = attribute.exec(rest);
			if (!m)
				throw wrong(body, `cannot read '${rest}'`);
			rest = rest.slice(m[0].length);
			tests.push(roleTest(body, m[1].toLowerCase(), m[2], m[3]));
		}
		if (!/\[\s*include-hidden/.test(body))
			tests.push(el => !hidden(el));
		return { role: head[1].toLowerCase(), tests };
	}

	const flags = {
		checked: el => el.checked ?? el.getAttribute('aria-checked') === 'true',
		disabled: el => el.matches(':disabled') || el.getAttribute('aria-disabled') === 'true',
		expanded: el => el.getAttribute('aria-expanded') === 'true' || el.open === true,
		pressed: el => el.getAttribute('aria-pressed') === 'true',
		selected: el => el.getAttribute('aria-selected') === 'true' || el.selected === true,
	};

	function roleTest(body, name, operator, value) {
		if (name === 'include-hidden')
			return () => true;
		if (name === 'name') {
			const bare = value?.replace(/^(["'])(.*)\1$/s, '$2').replace(/\\(.)/g, '$1');
			const test = matcher(operator === '==' ? `"${bare}"` : /^\//.test(value) ? value : bare);
			return el => test(gabbai.accname(el));
		}
		if (name === 'level')
			return el => Number(el.getAttribute('aria-level') ?? /^h([1-6])$/.exec(el.localName)?.[1]) === Number(value);
		if (!flags[name])
			throw wrong(body, `no attribute '${name}'`);
		return el => Boolean(flags[name](el)) === (value === undefined || value === 'true');
	}

	function role(root, body) {
		const { role: wanted, tests } = roleTests(body);
		return all(root).filter(el => gabbai.role(el) === wanted && tests.every(t => t(el)));
	}

	const all = root => [...elementsBelow(root)];

	const labelable = 'button, input:not([type=hidden]), meter, output, progress, select, textarea';

	function label(root, body) {
		const test = matcher(body);
		const labels = el => [
			...[...el.labels ?? []].map(l => tidy(rawText(l))),
			...(el.getAttribute('aria-labelledby') ?? '').split(/\s+/)
				.map(id => id && el.getRootNode().getElementById?.(id)).filter(Boolean).map(e => tidy(e.textContent)),
			...el.hasAttribute('aria-label') ? [tidy(el.getAttribute('aria-label'))] : [],
		];
		return all(root).filter(el => (el.matches(labelable) || el.hasAttribute('aria-label')
			|| el.hasAttribute('aria-labelledby')) && labels(el).some(test));
	}

	const byAttribute = (...names) => (root, body) => {
		const test = matcher(body);
		return css(root, names.map(n => `[${n}]`).join(', '))
			.filter(el => names.some(n => el.hasAttribute(n) && test(tidy(el.getAttribute(n)))));
	};

	function testid(root, body) {
		const value = CSS.escape(body);
		return css(root, `[data-testid="${value}"], [data-test-id="${value}"], [data-test="${value}"]`);
	}

	function xpath(root, body) {
		const out = [];
		try {
			const found = document.evaluate(body, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
			for (let i = 0; i < found.snapshotLength; i++)
				if (found.snapshotItem(i) instanceof Element)
					out.push(found.snapshotItem(i));
		} catch {
			throw wrong(body, 'not a valid XPath');
		}
		return out;
	}

	const engines = {
		css, text, role, label, testid, xpath,
		placeholder: byAttribute('placeholder', 'aria-placeholder'),
		title: byAttribute('title'),
		alt: byAttribute('alt'),
	};

	const filters = {
		nth: (els, body) => {
			const n = Number(body);
			if (!Number.isInteger(n))
				throw wrong(`nth=${body}`, 'not a number');
			return els.slice(n).slice(0, 1);
		},
		visible: (els, body) => els.filter(el => gabbai.visible(el) === (body !== 'false')),
		'has-text': (els, body) => els.filter(el => matcher(body)(tidy(rawText(el)))),
		has: (els, body) => els.filter(el => css(el, body).length > 0),
	};

	/* ---- the grammar ---- */

	function parts(alternative) {
		const out = [''];
		let quote = null;
		for (let i = 0; i < alternative.length; i++) {
			const c = alternative[i];
			if (quote)
				quote = c === quote ? null : quote;
			else if ((c === '"' || c === "'") && alternative.indexOf(c, i + 1) > 0)
				quote = c;
			if (!quote && alternative.startsWith(' >> ', i)) {
				out.push('');
				i += 3;
			} else {
				out[out.length - 1] += c;
			}
		}
		return out.map(p => p.trim());
	}

	function parse(part) {
		const m = /^([a-z-]+)=(.*)$/s.exec(part);
		if (m && (engines[m[1]] || filters[m[1]]))
			return { engine: m[1], body: m[2].trim() };
		if (part.startsWith('//') || part.startsWith('..') || part.startsWith('(//'))
			return { engine: 'xpath', body: part };
		if (!part)
			throw wrong(part, 'empty');
		return { engine: 'css', body: part };
	}

	function unique(lists) {
		return lists.length === 1 ? lists[0] : [...new Set(lists.flat())];
	}

	function findOne(alternative, root) {
		let found = [root];
		parts(alternative).forEach((part, i) => {
			const { engine, body } = parse(part);
			if (filters[engine])
				found = filters[engine](i === 0 ? all(root) : found, body);
			else
				found = unique(found.map(r => engines[engine](r, body)));
		});
		return found;
	}

	gabbai.find = (locator, root = document) => {
		for (const line of locator.split('\n')) {
			const found = line.trim() ? findOne(line.trim(), root) : [];
			if (found.length)
				return found;
		}
		return [];
	};
})();
