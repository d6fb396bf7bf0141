/* Charts drawn as SVG at the width there is.  Time runs from left to right in every language.  Each chart has a name
 * for readers of screens, and the same numbers as a table beneath. */
import { auto, h, ltr, svg } from './dom.js';
import { t } from './i18n.js';

const WIDTH_DEFAULT = 640;
const LETTER = 6.5; /* px of a letter of a label, about */
let count = 0;

/* Colours of series: classes s0…s7 of the style sheet; the last is for all the others. */
const series = n => 's' + Math.min(n, 7);

function niceStep(range, steps) {
	const rough = range / steps || 1;
	const power = 10 ** Math.floor(Math.log10(rough));
	return power * [1, 2, 2.5, 5, 10].find(n => n * power >= rough);
}

function ticks(from, to, steps) {
	const step = niceStep(to - from, steps);
	const list = [];
	for (let v = Math.ceil(from / step) * step; v <= to + step / 1e6; v += step)
		list.push(v);
	return list;
}

function drawing(width, height, title, nodes) {
	const id = 'chart-' + ++count;
	return svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-labelledby': id,
		direction: 'ltr' }, svg('title', { id }, title), nodes);
}

const label = (x, y, anchor, text, more) => svg('text', { x, y, 'text-anchor': anchor, ...more }, text);

function twin({ title, columns, rows }) {
	return h('details.twin', {}, h('summary', {}, t('As a table')),
		h('div.table', { tabindex: '0', role: 'region', 'aria-label': title }, h('table', {}, h('caption.unseen', {}, title),
		h('thead', {}, h('tr', {}, columns.map((words, n) => h('th', { scope: 'col', class: n ? 'amount' : null },
			auto(words))))),
		h('tbody', {}, rows.map(row => h('tr', {},
			row.map((cell, n) => n ? h('td.amount', {}, ltr(cell)) : h('th', { scope: 'row' }, auto(cell)))))))));
}

/* DRAW(width) gives { height, nodes }; drawn again when there is more or less room. */
function figure({ title, note, draw, table }) {
	const place = h('div.plot');
	let width = 0;
	const redraw = wide => {
		const { height, nodes } = draw(wide);
		place.replaceChildren(drawing(wide, height, title, nodes));
	};
	new ResizeObserver(([entry]) => {
		const wide = Math.round(entry.contentRect.width);
		if (wide && wide !== width)
			redraw(width = wide);
	}).observe(place);
	redraw(WIDTH_DEFAULT);
	return h('figure.panel', {}, h('figcaption', {}, h('h2', {}, title), note), place, twin({ title, ...table }));
}

function legend(names) {
	return h('ul.legend', {}, names.map((name, n) => h('li', {},
		h('span', { class: 'swatch ' + series(n), 'aria-hidden': 'true' }), auto(name))));
}

/* Columns of stacked parts.  COLUMNS: [{ name, label, parts: [number…] }], one part for each of NAMES. */
export function stackedColumns({ title, names, columns, words, axis }) {
	const most = Math.max(1, ...columns.map(c => c.parts.reduce((a, b) => a + b, 0)));
	const height = 260;
	const [start, top, floor] = [58, 10, height - 26];

	return figure({
		title, note: legend(names),
		table: { columns: [t('Month'), ...names, t('Together')],
			rows: columns.map(c => [c.name, ...c.parts.map(words), words(c.parts.reduce((a, b) => a + b, 0))]) },
		draw(width) {
			const lines = ticks(0, most, 4);
			const scale = (floor - top) / Math.max(most, lines.at(-1));
			const room = (width - start - 14) / columns.length; /* the last label is wider than its column */
			const wide = Math.min(44, room * 0.64);
			const longest = Math.max(...columns.map(c => c.label.length)) * LETTER + 8;
			const each = Math.ceil(longest / room); /* labels stand beside each other, or some are left out */
			const nodes = lines.map(v => [svg('line', { class: 'grid', x1: start, x2: width, y1: floor - v * scale,
				y2: floor - v * scale }), label(start - 8, floor - v * scale + 4, 'end', axis(v))]);

			columns.forEach((column, n) => {
				const x = start + room * n + (room - wide) / 2;
				let y = floor;
				column.parts.forEach((part, s) => {
					const tall = part * scale;
					y -= tall;
					if (tall > 0)
						nodes.push(svg('rect', { class: series(s), x, y, width: wide, height: Math.max(0.5, tall - 1), rx: 2 },
							svg('title', {}, `${column.name} · ${names[s]}: ${words(part)}`)));
				});
				if ((columns.length - 1 - n) % each === 0)
					nodes.push(label(x + wide / 2, height - 8, 'middle', column.label));
			});
			return { height, nodes };
		},
	});
}

/* Bars, the longest first.  ROWS: [{ name, value, words, note? }]. */
export function bars({ title, column, rows }) {
	const most = Math.max(1, ...rows.map(row => row.value));
	const line = 40;

	return figure({
		title, table: { columns: [column, t('Amount')], rows: rows.map(row => [row.name, row.words]) },
		draw(width) {
			const nodes = rows.map((row, n) => [
				label(0, n * line + 13, 'start', row.name.length > 34 ? row.name.slice(0, 33) + '…' : row.name,
					{ class: 'name' }),
				label(width, n * line + 13, 'end', row.words, { class: 'value' }),
				svg('rect', { class: 'track', x: 0, y: n * line + 20, width, height: 8, rx: 4 }),
				svg('rect', { class: 's0', x: 0, y: n * line + 20, width: Math.max(4, width * row.value / most), height: 8,
					rx: 4 }, svg('title', {}, `${row.name}: ${row.words}`)),
			]);
			return { height: rows.length * line, nodes };
		},
	});
}

/* A line through points in time, as steps: a price holds until it changes.  POINTS: [{ at: ms, value, words, when }]. */
export function line({ title, points, axis }) {
	const values = points.map(p => p.value);
	const spread = Math.max(...values) - Math.min(...values) || Math.max(...values) * 0.2 || 1;
	const [low, high] = [Math.max(0, Math.min(...values) - spread * 0.2), Math.max(...values) + spread * 0.2];
	const height = 200;
	const [start, end, top, floor] = [64, 12, 10, height - 26];

	return figure({
		title, table: { columns: [t('Date'), t('Price')], rows: points.map(p => [p.when, p.words]) },
		draw(width) {
			const [from, to] = [points[0].at, Math.max(points.at(-1).at, points[0].at + 1)];
			const x = at => start + (width - start - end) * (at - from) / (to - from);
			const y = value => floor - (floor - top) * (value - low) / (high - low);
			const path = points.map((p, n) => n ? `H${x(p.at).toFixed(1)}V${y(p.value).toFixed(1)}`
				: `M${x(p.at).toFixed(1)} ${y(p.value).toFixed(1)}`).join('');
			return {
				height, nodes: [
					ticks(low, high, 3).map(v => [svg('line', { class: 'grid', x1: start, x2: width, y1: y(v), y2: y(v) }),
						label(start - 8, y(v) + 4, 'end', axis(v))]),
					svg('path', { class: 'line', d: path }),
					points.map(p => svg('circle', { class: 's0', cx: x(p.at), cy: y(p.value), r: 4 },
						svg('title', {}, `${p.when}: ${p.words}`))),
					label(start, height - 8, 'start', points[0].when), points.length > 1
						&& label(width - end, height - 8, 'end', points.at(-1).when),
				],
			};
		},
	});
}
