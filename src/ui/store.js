/* What the page knows of the server: filled by a snapshot, kept up by events, over one EventSource.
 *
 * Browsers allow six connections to a server, so a hidden tab gives its own back; unless it may show
 * notifications and something is going on that could ask for a code. */
import { call, get } from './api.js';

export const store = {
	ready: false,    /* the first snapshot is there */
	online: true,
	crowded: false,  /* the server has no room for one more page that listens */
	status: null,    /* GET /api/status */
	sites: [],
	runs: new Map(), /* by id: those going on, and those that ended while we looked */
	connects: [],    /* status objects, with site and account */
	schedulesChanged: 0, /* how often we heard of it */
	otp: [],         /* requests, the oldest first; those that are answered wait for the site's word */
};

const watchers = new Set();
let planned = false;

/* THEN is called after changes, once for all that happen together. */
export function watch(then) {
	watchers.add(then);
	return () => watchers.delete(then);
}

export function changed() {
	if (planned)
		return;
	planned = true;
	queueMicrotask(() => {
		planned = false;
		for (const then of watchers)
			then();
	});
}

/* Outcomes of codes are moments, not state: whoever shows the code listens for them. */
export const outcomes = new EventTarget();
const tell = outcome => outcomes.dispatchEvent(new CustomEvent('outcome', { detail: outcome }));

const same = (a, b) => a.site === b.site && a.account === b.account;

export const accountOf = (site, account) =>
	store.sites.find(s => s.name === site)?.accounts.find(a => a.account === account);
export const siteOf = name => store.sites.find(s => s.name === name);
export const titleOf = name => siteOf(name)?.title ?? name;
export const connectOf = (site, account) => store.connects.find(c => same(c, { site, account }));
export const requestOf = (site, account) => store.otp.find(r => same(r, { site, account }));
export const otpOf = (site, account) => store.otp.find(r => !r.answered && same(r, { site, account }));

/* Numbers in JSON, words in the page's address: here they are one. */
export const runOf = id => store.runs.get(String(id));

function setRun(id, run) {
	store.runs.set(String(id), { phases: [], ...runOf(id), ...run, id: String(id) });
}

/* What is told of a run that was going on before this page looked. */
export function noteRun(run) {
	setRun(run.id, run);
}

function setConnect(connect) {
	const old = connectOf(connect.site, connect.account);
	if (old)
		Object.assign(old, connect);
	else
		store.connects.push(connect);
	if (connect.state !== 'waiting') /* nobody is asked any more */
		store.otp = store.otp.filter(r => !same(r, connect));
	const account = accountOf(connect.site, connect.account);
	if (account)
		account.connecting = isOn(connect);
}

/* Whether a connect is still going on. */
export const isOn = connect => ['starting', 'waiting', 'detected', 'verifying'].includes(connect?.state);

function setRequest(request) {
	/* One at a time works on an account, so a second try takes the place of the first. */
	const at = store.otp.findIndex(r => same(r, request));
	store.otp.splice(at < 0 ? store.otp.length : at, at < 0 ? 0 : 1, request);
}

const OVER = ['accepted', 'expired', 'cancelled', 'timeout'];

const events = {
	snapshot(data) {
		const gone = store.otp.filter(old => !data.otp.some(r => r.requestId === old.requestId));
		store.ready = true;
		store.sites = data.sites ?? store.sites;
		store.runs = new Map([...store.runs].filter(([, run]) => run.endedAt));
		for (const run of data.runs ?? [])
			setRun(run.id, run);
		store.connects = data.connects ?? [];
		store.otp = data.otp ?? [];
		for (const old of gone)
			tell({ requestId: old.requestId, runId: old.runId, status: 'gone' });
	},
	'run.started'(data) {
		setRun(data.runId, { startedAt: new Date().toISOString(), ...data, phases: [] });
		const account = accountOf(data.site, data.account);
		if (account)
			account.running = data.runId;
	},
	'run.phase'(data) {
		runOf(data.runId)?.phases.push({ at: data.at ?? new Date().toISOString(), phase: data.phase });
		/* A run that goes on with something else has been let in. */
		const request = store.otp.find(r => r.runId === data.runId && r.answered);
		if (request && !/code|approval/.test(data.phase)) {
			store.otp = store.otp.filter(r => r !== request);
			tell({ requestId: request.requestId, status: 'accepted' });
		}
	},
	'run.finished'(data) {
		setRun(data.runId, { endedAt: new Date().toISOString(), ...data });
		const run = runOf(data.runId);
		store.otp = store.otp.filter(r => r.runId !== data.runId);
		const account = accountOf(data.site, data.account);
		if (account)
			Object.assign(account, { running: null, lastRun: run, lastUsedAt: data.success ? run.endedAt : account.lastUsedAt });
		refreshSites(); /* parked, expired: the server knows */
	},
	OTP_NEEDED(data) {
		setRequest(data);
	},
	OTP_RESULT(data) {
		const request = store.otp.find(r => r.requestId === data.requestId);
		if (OVER.includes(data.status))
			store.otp = store.otp.filter(r => r !== request);
		else if (request)
			request.answered = data.status === 'answered'; /* until the site has judged it */
		tell(data);
	},
	'session.changed'(data) {
		const account = accountOf(data.site, data.account);
		if (account)
			Object.assign(account, { status: data.status, connected: data.status === 'active' });
		refreshSites();
	},
	'schedule.changed'() {
		store.schedulesChanged++;
	},
	'connect.changed'(data) {
		setConnect(data);
	},
};

let asked = false;

/* Many events can want this at once; one answer serves them all. */
export async function refreshSites() {
	if (asked || link)
		return;
	asked = true;
	try {
		store.sites = (await get('/api/sites')).sites;
		changed();
	} catch {
		/* The stream says when the server is gone; its next snapshot has the sites. */
	} finally {
		asked = false;
	}
}

let source = null;
let link = null;

function open() {
	source = new EventSource('/api/events' + (link ? '?link=' + encodeURIComponent(link) : ''));
	source.onopen = () => setOnline(true);
	source.onerror = () => {
		setOnline(false);
		if (source.readyState === EventSource.CLOSED) { /* not by us: an answer that is no stream */
			source = null;
			askWhy();
			setTimeout(() => source ?? document.hidden ? null : open(), 3000);
		}
	};
	for (const [name, apply] of Object.entries(events))
		source.addEventListener(name, event => {
			apply(JSON.parse(event.data));
			changed();
		});
}

/* An EventSource does not say with what it was refused. */
async function askWhy() {
	if (link)
		return;
	try {
		await call('HEAD', '/api/events');
	} catch (problem) {
		store.crowded = problem.status === 429;
		changed();
	}
}

function setOnline(online) {
	store.online = online;
	store.crowded = store.crowded && !online;
	changed();
}

const mayNotify = () => 'Notification' in window && Notification.permission === 'granted';
const somethingIsOn = () => store.otp.length || store.connects.some(isOn) || [...store.runs.values()].some(run => !run.endedAt);

function onVisibility() {
	if (!document.hidden) {
		if (!source)
			open();
	} else if (source && !(mayNotify() && somethingIsOn())) {
		source.close();
		source = null;
	}
}

/* Begins to listen.  TOKEN is a phone's, which sees its own request only. */
export function listen(token) {
	link = token;
	if (source)
		return;
	open();
	document.addEventListener('visibilitychange', onVisibility);
}
