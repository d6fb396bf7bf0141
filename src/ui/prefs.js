/* What a person likes, kept in this browser: language and colours. */

const read = name => {
	try {
		return localStorage.getItem('gabbai.' + name);
	} catch {
		return null; /* storage is switched off */
	}
};

/* Null means: as the server and the system say. */
export const prefs = { language: read('language'), theme: read('theme') };

export function setPref(name, value) {
	prefs[name] = value;
	try {
		if (value)
			localStorage.setItem('gabbai.' + name, value);
		else
			localStorage.removeItem('gabbai.' + name);
	} catch {
		/* It holds until the page is closed. */
	}
}

export function applyTheme() {
	document.documentElement.dataset.theme = prefs.theme ?? 'auto';
}
