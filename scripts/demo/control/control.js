// The control strip's page: shows the state that the server sends, and sends the buttons that are pressed.
const byId = (id) => document.getElementById(id);

async function post(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

function element(tag, className, ...children) {
  const created = Object.assign(document.createElement(tag), { className });
  created.append(...children);
  return created;
}

function release({ version, channel, share, broken, withdrawn, forged }) {
  const audience = channel === 'beta' ? 'beta' : share < 100 ? `${share} %` : 'all users';
  const words = [forged ? 'forged' : audience, broken && 'does not start', withdrawn && 'withdrawn'].filter(Boolean);
  return element(
    'li',
    withdrawn ? 'withdrawn' : forged ? 'forged' : '',
    version,
    element('span', '', words.join(', ')),
  );
}

/** Adds only new entries, so that a screen reader reads nothing twice. */
function showLog(events) {
  const log = byId('log');
  const last = Number(log.firstElementChild?.dataset.id ?? 0);
  for (const { id, text, failed } of events.filter(({ id }) => id > last).toReversed()) {
    const line = element('li', failed ? 'failed' : '', text);
    line.dataset.id = id;
    log.prepend(line);
  }
  while (log.children.length > 12) log.lastElementChild.remove();
}

/** The button keeps its focus. A second click waits until the first is done. */
async function act(button) {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    // The server's log shows what went wrong.
    await post('act', { action: button.dataset.action }).catch(console.warn);
  } finally {
    button.ariaBusy = 'false';
  }
}

const picture = byId('picture');
const at = ({ offsetX, offsetY }) => ({ x: offsetX / picture.clientWidth, y: offsetY / picture.clientHeight });

function show(state) {
  byId('where').textContent = `Notes runs in ${state.shell}. The repository is at ${state.repository}`;
  const pressed = { down: !state.serverUp, tampering: state.tampering, frozen: state.frozen, slow: state.slow };
  for (const button of document.querySelectorAll('[data-toggle]')) {
    button.setAttribute('aria-pressed', String(pressed[button.dataset.toggle]));
  }
  const nothing = element('li', '', 'Nothing yet');
  byId('releases').replaceChildren(...(state.releases.length > 0 ? state.releases.map(release) : [nothing]));
  showLog(state.log);
  byId('stage').hidden = state.picture === 'none';
  byId('off').hidden = state.picture !== 'off';
  if (state.picture === 'live' && !picture.hasAttribute('src')) picture.src = 'picture';
}

for (const button of document.querySelectorAll('[data-action]')) {
  button.addEventListener('click', () => void act(button));
}
picture.addEventListener('click', (event) => void post('input', { type: 'click', ...at(event) }));
picture.addEventListener('wheel', (event) => {
  event.preventDefault();
  void post('input', { type: 'wheel', by: event.deltaY, ...at(event) });
});
picture.addEventListener('keydown', (event) => {
  if (event.key === 'Tab' && event.shiftKey) return;
  event.preventDefault();
  if (['Control', 'Meta', 'Alt', 'Shift'].includes(event.key)) return;
  const modifiers = [event.ctrlKey && 'Control', event.metaKey && 'Meta', event.altKey && 'Alt'].filter(Boolean);
  void post('input', { type: 'key', key: [...modifiers, event.key].join('+') });
});
byId('theme').addEventListener('click', ({ currentTarget }) => {
  const dark = currentTarget.getAttribute('aria-pressed') !== 'true';
  currentTarget.setAttribute('aria-pressed', String(dark));
  void post('input', { type: 'theme', theme: dark ? 'dark' : 'light' });
});

new EventSource('state').addEventListener('message', ({ data }) => show(JSON.parse(data)));
