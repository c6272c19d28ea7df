// The control strip's page: shows the state that the server sends, and sends back what is pressed.
const byId = (id) => document.getElementById(id);

async function post(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

function item(left, right, className = '') {
  const li = Object.assign(document.createElement('li'), { className });
  const note = Object.assign(document.createElement('span'), { textContent: right });
  li.append(left, note);
  return li;
}

function describe({ channel, share, broken, withdrawn }) {
  const words = [channel === 'beta' ? 'beta' : share < 100 ? `${share} %` : 'all'];
  if (broken) words.push('does not start');
  if (withdrawn) words.push('withdrawn');
  return words.join(', ');
}

async function act(button) {
  button.disabled = true;
  try {
    await post('act', { action: button.dataset.action });
  } catch (error) {
    byId('log').prepend(item(error.message, ''));
  } finally {
    button.disabled = false;
    button.focus();
  }
}

const picture = byId('picture');
const at = ({ offsetX, offsetY }) => ({ x: offsetX / picture.clientWidth, y: offsetY / picture.clientHeight });

function show(state) {
  const shell = state.shell === 'electron' ? 'Electron' : 'the stand-in for Electron: Node and Chromium';
  byId('where').textContent = `Notes runs in ${shell}. The repository is at ${state.repository}`;
  const pressed = { down: !state.serverUp, tampering: state.tampering, slow: state.slow };
  for (const button of document.querySelectorAll('[data-toggle]')) {
    button.setAttribute('aria-pressed', String(pressed[button.dataset.toggle]));
  }
  const releases = state.releases.map((release) =>
    item(release.version, describe(release), release.withdrawn ? 'withdrawn' : ''),
  );
  byId('releases').replaceChildren(...(releases.length > 0 ? releases : [item('Nothing yet', '')]));
  byId('log').replaceChildren(...state.log.map((line) => item(line, '')));
  byId('stage').hidden = !state.picture;
  if (state.picture && !picture.hasAttribute('src')) picture.src = 'picture';
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
