/* The language of the page.  The code speaks English; words.js has the Hebrew for each sentence. */
import { hebrew } from './words.js';

export const languages = { en: 'English', he: 'עברית' };
export let language = 'en';

const locales = { en: 'en-GB', he: 'he-IL' };
export const locale = () => locales[language];

/* CODE is what a person chose, or null to go by the server's word and then by the browser's. */
export function setLanguage(code, ofServer) {
	const wanted = [code, ofServer, ...(navigator.languages ?? [])].map(tag => tag?.slice(0, 2));
	language = wanted.find(tag => tag in languages) ?? 'en';
	document.documentElement.lang = language;
	document.documentElement.dir = language === 'he' ? 'rtl' : 'ltr';
}

const known = text => language === 'he' ? hebrew[text] ?? text : text;
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values?.[name] ?? whole);

/* The sentence in the page's language; "{name}" stands for a value.  What nobody translated, such as a sentence of
 * a site, stays as it is. */
export function t(text, values) {
	return filled(known(text), values);
}

/* The one or the other by the number: many(3, 'One cookie', '{n} cookies'). */
export function many(n, one, other) {
	return t(n === 1 ? one : other, { n: new Intl.NumberFormat(locale()).format(n) });
}
