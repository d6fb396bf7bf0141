'use strict';
/* The one-time-code detector: see otp.json for its words.  (Thin first version.) */
(() => {
	const none = () => ({ kind: 'none', fields: [], digits: 0, score: 0, evidence: [] });
	const detect = () => {
		const field = document.querySelector('input[autocomplete~="one-time-code" i]');
		return field?.id ? { ...none(), kind: 'code', fields: [`[id="${field.id}"]`], score: 10 } : none();
	};
	const watch = async vocabulary => detect(vocabulary);
	globalThis.gabbaiOtp = { detect, watch, cancel() {} };
})();
