/* Nodes: h() makes them, morph() makes those on the page like new ones.  Whatever comes from the server becomes
 * text, never markup; handlers are properties, so that morph() can hand them over. */

const SVG = 'http://www.w3.org/2000/svg';

/* Children are nodes, texts, lists of them; null and false are nobody. */
function fill(el, attributes, children) {
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value == null || value === false)
			continue;
		if (typeof value === 'function')
			el[name] = value;
		else
			el.setAttribute(name, value === true ? '' : value);
	}
	el.append(...children.flat(Infinity).filter(child => child != null && child !== false));
	return el;
}

export function h(tag, attributes, ...children) {
	const [name, ...classes] = tag.split('.');
	const el = fill(document.createElement(name), attributes, children);
	if (classes.length)
		el.classList.add(...classes);
	return el;
}

export function svg(tag, attributes, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

const HANDLERS = ['onclick', 'oninput', 'onchange', 'onsubmit', 'onkeydown', 'ontoggle', 'onpaste', 'ondrop', 'ondragover'];
const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') ?? node.id : '';

/* An island is drawn once and looks after itself: a live view, a form being typed in. */
const isIsland = node => node.nodeType === Node.ELEMENT_NODE && node.hasAttribute('data-island');

function alike(a, b) {
	return a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function morphNode(old, fresh) {
	if (old.nodeType !== Node.ELEMENT_NODE) {
		if (old.data !== fresh.data)
			old.data = fresh.data;
		return;
	}
	if (isIsland(old))
		return;
	for (const { name } of [...old.attributes])
		if (!fresh.hasAttribute(name) && name !== 'open') /* what a person opened stays open */
			old.removeAttribute(name);
	for (const { name, value } of fresh.attributes)
		if (old.getAttribute(name) !== value)
			old.setAttribute(name, value);
	for (const name of HANDLERS)
		old[name] = fresh[name];
	if (old instanceof HTMLOptionElement)
		old.selected = fresh.selected;
	morph(old, [...fresh.childNodes]);
}

/* Makes the children of PARENT like FRESH, keeping the nodes that are there: focus, scrolling and what is typed
 * stay.  Children with data-key or id move with it; the others are matched in order. */
export function morph(parent, fresh) {
	const olds = [...parent.childNodes];
	let place = parent.firstChild;

	for (const node of fresh) {
		const at = olds.findIndex(old => alike(old, node));
		let here = node;

		if (at >= 0) {
			[here] = olds.splice(at, 1);
			morphNode(here, node);
		}
		if (here === place)
			place = place.nextSibling;
		else
			parent.insertBefore(here, place);
	}
	for (const old of olds)
		old.remove();
}

/* Codes, amounts and dates keep their order in text of either direction. */
export const ltr = (...children) => h('bdi', { dir: 'ltr' }, ...children);

/* Names of shops, sentences of sites: their own letters decide. */
export const auto = text => h('bdi', { dir: 'auto' }, text ?? '');

/* An island called KEY: made once, and left alone for as long as it is on the page. */
export function island(key, make) {
	const here = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
	const node = here ? h(here.localName) : make();

	node.setAttribute('data-key', key);
	node.setAttribute('data-island', '');
	return node;
}
