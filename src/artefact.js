/* What a frame shows when a run has failed, without what is secret: { bare, text, html }.
 *
 * BARE: no field for a password or a code is there, and nothing is typed into any other, so a picture may be taken.
 * TEXT is what can be read, for the program to look for secrets that it knows.  HTML has the document without scripts,
 * comments and values of fields; addresses have no queries, and what may be a number of somebody or a token is made
 * unreadable.  An expression that runs in our own world. */
(() => {
	const TEXT_MAX = 200000;
	const typed = ['text', 'password', 'tel', 'email', 'number', 'search', 'url', 'date'];
	const telling = /pass|pwd|code|otp|token|secret|\bpin\b|cvv|\bcvc\b/i;
	const addresses = ['href', 'src', 'srcset', 'action', 'formaction', 'poster', 'data', 'cite', 'ping', 'background'];
	const dropped = 'script, noscript, template, object, embed, link[rel=preload], link[rel=modulepreload], meta[http-equiv]';

	function fieldsOf(root, out = []) {
		for (const el of root.querySelectorAll('*')) {
			if (el.matches('input, textarea, [contenteditable=""], [contenteditable=true]'))
				out.push(el);
			if (el.shadowRoot)
				fieldsOf(el.shadowRoot, out);
		}
		return out;
	}

	function isSecret(field) {
		const says = ['name', 'id', 'autocomplete', 'formcontrolname', 'placeholder', 'aria-label', 'class']
			.map(name => field.getAttribute(name) ?? '').join(' ');
		return field.type === 'password' || field.type !== 'hidden' && (telling.test(says) || field.maxLength === 1);
	}

	const isFilled = field => field.isContentEditable ? field.textContent.trim() !== ''
		: field.localName === 'textarea' || typed.includes(field.type) ? field.value !== '' : false;

	/* Digits as a code, a card or an identity has them; long runs of letters and digits as tokens have them. */
	const mask = text => text.replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, '(e-mail)')
		.replace(/[\w\-+/=.%]{20,}/g, word => /\d/.test(word) ? '(masked)' : word)
		.replace(/\d(?:[ -]?\d){3,}/g, digits => digits.replace(/\d/g, '0'));

	function place(text) {
		if (/^(data|blob|javascript):/i.test(text.trim()))
			return text.trim().slice(0, text.indexOf(':') + 1);
		return mask(text.replace(/[?#][^\s,]*/g, ''));
	}

	function clean(el) {
		for (const { name, value } of [...el.attributes]) {
			if (/^on/.test(name) || ['value', 'nonce', 'integrity', 'srcdoc', 'style'].includes(name))
				el.removeAttribute(name);
			else
				el.setAttribute(name, addresses.includes(name) ? place(value)
					: name === 'content' && !/^(viewport|color-scheme|description)$/.test(el.name) ? '(masked)' : mask(value));
		}
		if (el.localName === 'textarea')
			el.textContent = '';
	}

	const fields = fieldsOf(document);
	const copy = document.documentElement.cloneNode(true);
	for (const el of copy.querySelectorAll(dropped))
		el.remove();
	const walk = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
	const nodes = [];
	while (walk.nextNode())
		nodes.push(walk.currentNode);
	for (const node of nodes)
		if (node.nodeType === Node.COMMENT_NODE)
			node.remove();
		else if (node.parentNode.localName !== 'style')
			node.data = mask(node.data);
	for (const el of [copy, ...copy.querySelectorAll('*')])
		clean(el);
	return {
		bare: !fields.some(field => isSecret(field) || isFilled(field)),
		text: (document.body?.innerText ?? '').slice(0, TEXT_MAX),
		html: copy.outerHTML,
	};
})()
