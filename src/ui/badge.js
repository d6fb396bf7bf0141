/* That a code is wanted, for people who look elsewhere: the title, the icon of the tab, a notification. */
import { t } from './i18n.js';
import { store, titleOf } from './store.js';

const drawing = dot => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#2f4fc4"/>`
	+ `<path d="M20 10v11a5 5 0 0 1-9 3M20 15a5 5 0 1 1-10 0 5 5 0 0 1 10 0z" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/>`
	+ (dot ? '<circle cx="25" cy="7" r="7" fill="#e5484d" stroke="#fff" stroke-width="2"/>' : '') + '</svg>';

let dotted = null;

/* The title of the page with the number of codes that are wanted. */
export function badge(title) {
	const wanted = store.otp.filter(r => !r.answered).length;

	if (dotted !== wanted > 0) {
		dotted = wanted > 0;
		document.querySelector('link[rel=icon]').href = 'data:image/svg+xml,' + encodeURIComponent(drawing(dotted));
	}
	return wanted ? `(${wanted}) ${title}` : title;
}

const told = new Set();

/* Once a request and try. */
export function notify(request) {
	const key = request.requestId + '/' + request.attempt;

	if (told.has(key))
		return;
	told.add(key);
	if (navigator.userActivation?.hasBeenActive) /* browsers do not let a page shake that nobody touched */
		navigator.vibrate?.(200);
	if (!('Notification' in window) || Notification.permission !== 'granted' || document.hasFocus())
		return;
	try {
		const note = new Notification(t('{site} asks for a code', { site: titleOf(request.site) }),
			{ body: request.message, tag: request.requestId });
		note.onclick = () => {
			window.focus();
			note.close();
		};
	} catch {
		/* Phones notify from service workers only; the dialog is there anyway. */
	}
}
