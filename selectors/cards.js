// Cards of a list that a page shows, as objects of texts.  A field is "CSS [#N] [@ATTRIBUTE] [?QUERY | /last]": the
// N-th element below the card that matches (without CSS: the card), its text or an attribute, and of an address one
// field of its query or its path's last part.  Not until the page is the one asked for, and all cards are filled.
(list, page) => {
	'use strict';
	const shown = el => (el.innerText ?? el.textContent ?? '').trim();

	function part(value, how) {
		const url = new URL(value, document.baseURI);
		return how === '/last' ? url.pathname.split('/').pop() : url.searchParams.get(how.slice(1));
	}

	function read(card, field) {
		const [, css, number, attribute, how] = field.match(/^(.*?)\s*(?:#(\d+))?\s*(?:@([\w-]+))?\s*([?\/]\w+)?$/);
		const el = css ? card.querySelectorAll(css)[(number ?? 1) - 1] : card;
		if (!el)
			return null;
		const value = attribute ? el.getAttribute(attribute) : shown(el);
		if (value === null || !attribute)
			return value;
		return how ? part(value, how) : attribute === 'href' ? new URL(value, document.baseURI).href : value;
	}

	const cards = Array.from(document.querySelectorAll(list.card));
	const active = list.page && document.querySelector(list.page);
	const ready = cards.length > 0 && (!page || !active || shown(active) === page)
		&& (!list.filled || cards.every(card => card.querySelector(list.filled)?.textContent));
	return ready && cards.map(card =>
		Object.fromEntries(Object.entries(list.fields).map(([name, field]) => [name, read(card, field)])));
}
