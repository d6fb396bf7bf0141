/* The flat tree: the document as it is painted, with slots and shadow roots. */

/* Those that the driver has opened for us (gabbaiOtp.open), for its own engine too. */
const closedRoots = (globalThis.gabbai ??= {}).closedRoots ??= new WeakMap();

/* Whether any shadow root was seen: as long as there is none, the browser knows the tree by itself. */
let shadowed = false;

const rootOf = el => el.shadowRoot ?? (shadowed ? closedRoots.get(el) ?? null : null);

function parentOf(el) {
	if (!shadowed)
		return el.parentElement;
	return el.assignedSlot ?? el.parentElement ?? (el.parentNode instanceof ShadowRoot ? el.parentNode.host : null);
}

function closest(el, selector) {
	if (!shadowed)
		return el.closest(selector);
	for (let up = el; up; up = parentOf(up))
		if (up.matches(selector))
			return up;
	return null;
}

function contains(outer, inner) {
	if (!shadowed)
		return outer.contains(inner);
	for (let up = inner; up; up = parentOf(up))
		if (up === outer)
			return true;
	return false;
}

const attribute = (el, name) => el.getAttribute(name) ?? '';
const classOf = el => el.getAttribute('class') ?? '';

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
