const said = document.getElementById('said');
const form = document.getElementById('say');
let socket;

function show(text) {
  const line = document.createElement('li');
  line.textContent = text;
  said.append(line);
}

function connect() {
  socket = new WebSocket(new URL('/chat', location.href.replace(/^http/, 'ws')));
  socket.onmessage = (event) => show(event.data);
  socket.onclose = () => setTimeout(connect, 1000);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (form.text.value && socket.readyState === WebSocket.OPEN) {
    socket.send(form.text.value);
    form.reset();
  }
});

connect();
