/* Line icons on a grid of 20: an icon never speaks alone, so readers of screens do not hear it. */
import { svg } from './dom.js';

const paths = {
	plug: 'M7 2v4M13 2v4M5 6h10v3a5 5 0 0 1-10 0zM10 14v4',
	check: 'M4 10.5 8.2 15 16 5.5',
	clock: 'M10 5.5V10l3 2M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z',
	alert: 'M10 7v4M10 13.8v.2M10 2.8 1.9 17h16.2z',
	stop: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM7 7l6 6M13 7l-6 6',
	pause: 'M7 4v12M13 4v12',
	run: 'M16.5 10A6.5 6.5 0 1 1 14 4.9M14.5 2v3.5H11',
	key: 'M12.5 2.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM9 11l-6.5 6.5M5 15l2 2',
	more: 'M4 10h.01M10 10h.01M16 10h.01',
	cards: 'M3 4h6v6H3zM11 4h6v6h-6zM3 12h6v5H3zM11 12h6v5h-6z',
	list: 'M7 5h10M7 10h10M7 15h10M3 5h.01M3 10h.01M3 15h.01',
	chart: 'M3 17h14M5.5 14V9M10 14V4M14.5 14v-7',
	gear: 'M10 7.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM10 2v2.6M10 15.4V18M2 10h2.6M15.4 10H18M4.3 4.3l1.9 1.9M13.8 13.8l1.9 1.9M4.3 15.7l1.9-1.9M13.8 6.2l1.9-1.9',
	close: 'M5 5l10 10M15 5 5 15',
	down: 'M5 8l5 5 5-5',
	export: 'M10 3v9M6.5 8.8 10 12.3l3.5-3.5M3.5 13v3.5h13V13',
	form: 'M3 4h14v5H3zM3 12.5h14M3 16h8',
	screen: 'M2.5 3.5h15v10h-15zM7 17h6M10 13.5V17',
	file: 'M5 2.5h6.5L15.5 6.5V17.5H5zM11.5 2.5v4h4',
	back: 'M12.5 4.5 7 10l5.5 5.5',
	phone: 'M6 2h8v16H6zM9 15.5h2',
	plus: 'M10 4v12M4 10h12',
	search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13.2 13.2l4 4',
	up: 'M10 16V4.5M5 9.5l5-5 5 5',
};

/* Those that show a way along the line of text turn round with it. */
const directed = new Set(['back']);

export function icon(name) {
	return svg('svg', {
		class: directed.has(name) ? 'icon directed' : 'icon', viewBox: '0 0 20 20', 'aria-hidden': 'true', focusable: 'false',
	}, svg('path', { d: paths[name] }));
}
