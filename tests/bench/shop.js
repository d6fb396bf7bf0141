/* A page as shops have them, for make bench-detect: menus, filters, cards with pictures and prices, a table of orders,
 * reviews, a footer; more than 5,000 elements.  With CODE, a one-time code is wanted in the middle of it. */
code => {
	const nouns = ['Kettle', 'Lamp', 'Chair', 'Notebook', 'Bicycle', 'Camera', 'Jacket', 'Guitar', 'Blender', 'Backpack', 'Monitor'];
	const kinds = ['Steel', 'Classic', 'Compact', 'Outdoor', 'Wireless', 'Organic', 'Vintage', 'Slim', 'Heavy duty', 'Premium'];
	const said = ['Arrived in two days and works as described.', 'The colour is a little darker than on the picture, but I like it.',
		'My second one; the first broke after a year of daily use.', 'Customer service answered within an hour and sent a new part.',
		'Good value for the price. Would order again.', 'The manual is only in English, which is fine for me.'];
	const icon = '<svg class="icon w-4 h-4" viewBox="0 0 24 24" aria-hidden="true"><g><path d="M4 6h16M4 12h16"/><path d="M4 18h16"/></g></svg>';
	const times = (n, make) => Array.from({ length: n }, (none, i) => make(i)).join('');
	const name = i => `${kinds[i * 7 % kinds.length]} ${nouns[i * 3 % nouns.length]}`;

	const menu = times(9, i => `<li class="nav-item dropdown"><a class="nav-link px-3" href="#c${i}">${nouns[i]}s ${icon}</a>
		<div class="mega" style="display:none"><div class="row">${times(4, j => `<div class="col"><h5>${kinds[j]}</h5><ul>
		${times(5, k => `<li><a class="dropdown-item" href="#${i}-${j}-${k}">${name(i + j + k)}</a></li>`)}</ul></div>`)}</div></div></li>`);
	const filters = times(5, i => `<fieldset class="mb-4"><legend class="text-sm font-bold">${['Brand', 'Colour', 'Size', 'Rating', 'Delivery'][i]}</legend>
		${times(7, j => `<div class="form-check"><input class="form-check-input" type="checkbox" id="f${i}-${j}"><label class="form-check-label" for="f${i}-${j}">
		${kinds[(i + j) % kinds.length]} <span class="count">(${(i * 31 + j * 17) % 90 + 3})</span></label></div>`)}</fieldset>`);
	const cards = times(72, i => `<article class="card shadow-sm rounded"><div class="card-media relative"><a href="#p${i}"><img src="data:," alt="${name(i)}"
		width="180" height="120"></a><button class="btn btn-icon absolute" aria-label="Add to favourites">${icon}</button></div><div class="card-body p-3">
		<h3 class="card-title"><a href="#p${i}">${name(i)}</a></h3><div class="stars flex">${icon}${icon}${icon}<span class="muted">${3 + i % 3}.${i % 10}</span>
		<a class="muted" href="#r${i}">(${i * 13 % 400})</a></div><p class="text-muted">Free delivery <b>${['Mon', 'Tue', 'Wed'][i % 3]}, ${i % 27 + 1} May</b></p>
		<div class="price"><span class="currency">$</span><span class="whole">${i * 7 % 300 + 9}</span><sup>99</sup> <s class="was">$${i * 9 % 400 + 12}.00</s></div>
		<div class="actions"><button class="btn btn-primary" type="button">Add to cart</button><a class="btn btn-link" href="#cmp${i}">Compare</a></div></div></article>`);
	const orders = times(60, i => `<tr class="align-middle"><td><input type="checkbox" aria-label="Select"></td><td><a href="#o${i}">2024-${100200 + i * 37}</a></td>
		<td>${i % 27 + 1} March 2024</td><td><div class="d-flex"><span class="dot"></span><span class="badge badge-info">${['Shipped', 'Delivered', 'Returned'][i % 3]}</span></div></td>
		<td class="text-end">$${i * 23 % 900}.50</td><td><span>${name(i)}</span><br><small class="text-muted">${i % 4 + 1} items</small></td>
		<td><input class="form-control" type="number" value="${i % 4 + 1}" min="0" style="width:60px" ${i % 15 ? 'hidden' : ''}></td>
		<td><a class="btn btn-sm" href="#i${i}">Invoice</a> <a class="btn btn-sm" href="#t${i}">Track</a></td></tr>`);
	const reviews = times(90, i => `<div class="review border-bottom py-3"><div class="flex items-center"><span class="avatar"><i></i></span><strong>User ${i}</strong>
		<time class="text-muted">${i % 11 + 1} months ago</time></div><div class="stars">${icon}<em class="sr">${i % 5 + 1} of 5</em></div>
		<p>${said[i % said.length]} ${said[(i * 5 + 1) % said.length]}</p><div><a href="#up">Helpful</a> · <a href="#rep">Report</a></div></div>`);
	const footer = times(6, i => `<div class="col-6"><h6>${['Shop', 'Help', 'Company', 'Legal', 'Social', 'Languages'][i]}</h6><ul class="list-unstyled">
		${times(11, j => `<li><a class="text-reset" href="#l${i}-${j}">${name(i * 11 + j)}</a></li>`)}</ul></div>`);
	const asks = `<section class="modal-card mx-auto"><h2>Two-step verification</h2><p>Enter the 6-digit code we sent by text message to ••• ••12.
		It expires in 10 minutes.</p><form id="verify" method="post"><div class="form-group"><label for="vcode">Verification code</label><input id="vcode" name="code"
		class="form-control" inputmode="numeric" maxlength="6" autocomplete="off"></div><div class="form-check"><input type="checkbox" id="trust"><label for="trust">
		Trust this device for 30 days</label></div><button class="btn btn-primary" type="submit">Verify</button> <button type="button" class="btn btn-link">Resend code</button>
		</form><p><a href="#other">Try another way</a></p></section>`;

	document.open();
	document.write(`<!doctype html><html lang="en"><head><title>Shop</title><style>
		body { font: 14px sans-serif; margin: 0 } .grid { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px } .flex { display: flex }
		.sr { position: absolute; left: -9999px } .icon { width: 16px; height: 16px } nav ul { display: flex; list-style: none } .layout { display: flex }
		.modal-card { width: 360px; border: 1px solid #ccc; padding: 16px } s { color: #999 } aside { width: 220px }
		@keyframes turn { to { transform: rotate(1turn) } } .spinner { animation: turn 1s linear infinite; width: 16px; height: 16px; border: 2px solid }
		</style></head><body class="page shop"><div id="root"><div class="app"><header class="site-header"><div class="container flex"><a class="logo" href="/">${icon} Shop</a>
		<form role="search" action="/search"><input type="search" name="q" placeholder="Search products"><button class="btn">${icon}</button></form>
		<div class="clock muted">12:00:00</div><div class="spinner"></div></div><nav><ul class="navbar-nav">${menu}</ul></nav></header>
		<div class="container"><div class="layout"><aside>${filters}</aside><main><div class="content"><h1>Deals of the week</h1><div class="grid">${cards}</div>
		${code ? asks : ''}<h2>Your orders</h2><div class="table-responsive"><table class="table"><tbody>${orders}</tbody></table></div>
		<h2>What customers say</h2><div class="reviews">${reviews}</div></div></main></div></div>
		<div class="chat"><h4>Chat</h4><ul class="messages">${times(40, i => `<li class="message"><span class="who">Ann</span> <span>${said[i % said.length]}</span></li>`)}</ul></div>
		<footer class="site-footer"><div class="row">${footer}</div><form action="/news"><label>Newsletter <input type="email" name="email" placeholder="Your e-mail"></label>
		<button class="btn">Subscribe</button></form><p class="small">© Shop</p></footer></div></div></body></html>`);
	document.close();
	return document.querySelectorAll('*').length;
}
