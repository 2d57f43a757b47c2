"use strict";
// The page around the terminal: one WebSocket to a session, which outlives a lost line and a page loaded again.

const ENDED = 4000, ELSEWHERE = 4001, TURNED_AWAY = 4002;   // tui/serve/web/browser_session.py
const SMALLEST = 10, USUAL = 15, COLUMNS = 80, ROWS = 24;   // letters in pixels; what the desk is made for
const PIECE = 16 * 1024, MOST_COPIED = 200 * 1024;
const FAMILY = "'Okienko Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

const words = JSON.parse(document.body.dataset.words);
const encoder = new TextEncoder();
const place = document.getElementById("terminal");
const notice = document.getElementById("notice");

let terminal, fit, socket;
let token = sessionStorage.getItem("session") || "";
let asked = codeOfLetter();
let wait = 250, retry = 0, pulse = 0, width = 0;
let live = false, gone = false, loaded = true, controlHeld = false, controlArmed = false;

// A letter's address holds its code behind the #, which no server gets to see; it leaves the address bar at once.
// So does whatever stands behind a question mark: the terminal's script would obey some of it.
function codeOfLetter() {
  const match = /^#([a-z]+)=([A-Za-z0-9-]+)$/.exec(location.hash);
  if (location.hash || location.search) history.replaceState(null, "", location.pathname);
  if (match) keepToken("");
  return match ? [match[1], match[2]] : null;
}

function keepToken(value) {
  token = value;
  sessionStorage.setItem("session", value);
}

// The bundle makes its terminal and shows it to nobody. The first thing it notes on it is this name: there it is caught,
// given a way to connect that is ours, and all the rest is xterm.js as documented.
Object.defineProperty(Object.prototype, "websocket_url", {
  configurable: true,
  set(url) {
    delete Object.prototype.websocket_url;
    this.websocket_url = url;
    this.connect = () => {
      this.socket = { send() {} };
      start(this.terminal, this.fitAddon);
    };
  },
});

async function start(itsTerminal, itsFit) {
  [terminal, fit] = [itsTerminal, itsFit];
  await document.fonts.load(`${USUAL}px "Okienko Mono"`).catch(() => {});
  terminal.options.fontFamily = FAMILY;
  terminal.options.theme = { background: "#0F1420", foreground: "#DDE3F0" };
  terminal.onData((text) => type(encoder.encode(withControl(text))));
  terminal.onBinary((text) => type(Uint8Array.from(text, (sign) => sign.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => say({ size: [cols, rows] }));
  terminal.attachCustomKeyEventHandler(keyIsForProgram);
  terminal.parser.registerOscHandler(52, takeCopied);
  window.onresize = layOut;
  window.visualViewport?.addEventListener("resize", layOut);
  window.visualViewport?.addEventListener("scroll", layOut);
  layOut();
  terminal.focus();
  connect();
}

// The line

function connect() {
  clearTimeout(retry);
  gone = false;
  socket?.close();
  const mine = socket = new WebSocket(
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/session`,
    token ? ["okienko", `token.${token}`] : ["okienko"],
  );
  mine.binaryType = "arraybuffer";
  mine.onopen = () => mine.send(JSON.stringify({
    size: [terminal.cols, terminal.rows], language: document.documentElement.lang, words: asked,
  }));
  mine.onmessage = ({ data }) => {
    if (mine !== socket) return;
    if (typeof data === "string") hear(JSON.parse(data));
    else terminal.write(new Uint8Array(data));
  };
  mine.onclose = ({ code }) => { if (mine === socket) closed(code); };
}

function hear(message) {
  if (message.session) begin(message.session);
  else if (message.gone) gone = true;
  else if (message.download) fetchFile(message.download);
  else if (message.pong) pulse = clearTimeout(pulse);
  else if ("ended" in message) over(message.sentence || words.ended);
}

function begin(itsToken) {
  keepToken(itsToken);
  asked = null;
  loaded = false;
  live = true;
  wait = 250;
  notice.hidden = true;
  terminal.reset();
}

function closed(code) {
  live = false;
  pulse = clearTimeout(pulse);
  if (code === ELSEWHERE) show(words.elsewhere, words.here, connect);
  else if (code === ENDED || code === TURNED_AWAY) keepToken("");
  else if (gone && loaded) startAgain();                    // a page opened anew, long after its session
  else if (gone) over(words.ended);
  else {
    show(words.broken);
    retry = setTimeout(connect, wait);
    wait = Math.min(wait * 2, 8000);
  }
}

function over(sentence) {
  live = false;
  keepToken("");
  show(sentence, words.again, startAgain);
}

function startAgain() {
  keepToken("");
  loaded = false;
  connect();
}

function say(message) {
  if (socket?.readyState === WebSocket.OPEN && live) socket.send(JSON.stringify(message));
}

function type(bytes) {
  for (let at = 0; live && socket.readyState === WebSocket.OPEN && at < bytes.length; at += PIECE)
    socket.send(bytes.subarray(at, at + PIECE));
}

// A phone that slept, or changed its network, has a line that looks whole: one question tells.
function checkLine() {
  if (document.hidden || !terminal) return;
  if (retry && !live && !notice.hidden && notice.classList.contains("passing")) connect();
  else if (live && !pulse) {
    say({ ping: true });
    pulse = setTimeout(() => { pulse = 0; socket.close(); closed(0); }, 4000);
  }
}
document.addEventListener("visibilitychange", checkLine);
window.addEventListener("online", checkLine);

// Another letter's address in the same tab asks for another session.
window.addEventListener("hashchange", () => {
  const code = codeOfLetter();
  if (code) { asked = code; startAgain(); }
});

// What the page says

function show(text, offer, action) {
  notice.querySelector("p").textContent = text;
  notice.classList.toggle("passing", !offer);
  const button = notice.querySelector("button");
  button.hidden = !offer;
  button.textContent = offer || "";
  button.onclick = () => { notice.hidden = true; terminal.focus(); action(); };
  notice.hidden = false;
  if (offer) button.focus();
}

// Files, and what was copied

async function fetchFile(address) {
  try {
    const answer = await fetch(address, { headers: { "X-Okienko-Session": token }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const link = document.createElement("a");
    link.download = decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(answer.headers.get("Content-Disposition"))[1]);
    link.href = URL.createObjectURL(await answer.blob());
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch {
    show(words.lost, words.close, () => {});
  }
}

// The program may put something on the clipboard; what is there it can't ask for.
function takeCopied(data) {
  const text = data.slice(data.indexOf(";") + 1);
  if (text && text !== "?" && text.length <= MOST_COPIED) {
    try {
      copy(new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))));
    } catch { /* no base64 */ }
  }
  return true;
}

function copy(text) {
  navigator.clipboard?.writeText(text).catch(() => {});
}

// Keys

function keyIsForProgram(event) {
  if (event.type !== "keydown") return true;
  const control = event.ctrlKey && !event.altKey && !event.metaKey, letter = event.key.toLowerCase();
  if (control && letter === "c" && (event.shiftKey || terminal.hasSelection())) {
    copy(terminal.getSelection());
    terminal.clearSelection();
    event.preventDefault();
    return false;
  }
  return !(control && letter === "v") && event.key !== "F11";   // pasting and the whole screen are the browser's
}

// Wherever the focus is, these would reload the page or leave it.
window.addEventListener("keydown", (event) => {
  controlHeld = event.ctrlKey || event.metaKey;
  if (!live || event.target === terminal.textarea) return;
  if (/^F([1-9]|10|12)$/.test(event.key) || (event.ctrlKey && /^[lrsp]$/i.test(event.key))) {
    event.preventDefault();
    terminal.focus();
  }
});
window.addEventListener("keyup", (event) => { controlHeld = event.ctrlKey || event.metaKey; });
window.addEventListener("blur", () => { controlHeld = false; });

// Ctrl+W is a browser's alone, and a habit of those who know terminals: only then one is asked before the page goes.
window.addEventListener("beforeunload", (event) => { if (live && controlHeld) event.preventDefault(); });

// The keys that a phone's keyboard lacks

const SENDS = { "enter": "\r", "escape": "\x1b", "tab": "\t", "back-tab": "\x1b[Z", "page-up": "\x1b[5~", "page-down": "\x1b[6~" };
const MOVES = { up: "A", down: "B", right: "C", left: "D", home: "H", end: "F" };
["OP", "OQ", "OR", "OS", "[15~", "[17~", "[18~", "[19~", "[20~", "[21~", "[23~", "[24~"]
  .forEach((sequence, at) => { SENDS[`f${at + 1}`] = `\x1b${sequence}`; });

const keys = document.getElementById("keys");
keys.addEventListener("mousedown", (event) => event.preventDefault());   // the keyboard stays as it is
keys.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && terminal) press(button.dataset.key, button);
});

function press(key, button) {
  if (key in SENDS) type(encoder.encode(SENDS[key]));
  else if (key in MOVES) type(encoder.encode((terminal.modes.applicationCursorKeysMode ? "\x1bO" : "\x1b[") + MOVES[key]));
  else if (key === "control") arm(!controlArmed);
  else if (key === "keyboard") document.activeElement === terminal.textarea ? terminal.blur() : terminal.focus();
  else if (key === "smaller" || key === "larger") setLetters(terminal.options.fontSize + (key === "larger" ? 1 : -1));
  else if (key === "more") {
    const more = document.getElementById("more");
    more.hidden = !more.hidden;
    button.setAttribute("aria-expanded", String(!more.hidden));
    layOut();
  }
}

function arm(armed) {
  controlArmed = armed;
  keys.querySelector("[data-key=control]").setAttribute("aria-pressed", String(armed));
}

// Ctrl on the bar is for the next letter.
function withControl(text) {
  if (!controlArmed || text.length !== 1) return text;
  arm(false);
  return /[a-z@[\\\]^_]/i.test(text) ? String.fromCharCode(text.toUpperCase().charCodeAt(0) & 31) : text;
}

// A finger that moves is a wheel that turns.
let touched = 0;
place.addEventListener("touchstart", (event) => { touched = event.touches[0].clientY; }, { passive: true });
place.addEventListener("touchmove", (event) => {
  const { clientX, clientY } = event.touches[0], line = (terminal?.options.fontSize || USUAL) * 1.2;
  const lines = Math.trunc((touched - clientY) / line);
  if (event.touches.length !== 1 || !lines) return;
  touched -= lines * line;
  const wheel = { deltaY: lines, deltaMode: WheelEvent.DOM_DELTA_LINE, clientX, clientY, bubbles: true, cancelable: true };
  place.querySelector(".xterm-screen").dispatchEvent(new WheelEvent("wheel", wheel));
}, { passive: true });

// Size

// The page is as high as what is seen of it: a phone's keyboard covers the rest.
function layOut() {
  const seen = window.visualViewport;
  if (seen && seen.scale < 1.05) {
    document.body.style.height = `${seen.height}px`;
    document.body.style.top = `${seen.offsetTop}px`;
  }
  if (place.clientWidth !== width) {
    width = place.clientWidth;
    terminal.options.fontSize = Number(localStorage.getItem("letters")) || fitting();
  }
  fit.fit();
}

// As large as usual, smaller where the desk's columns and lines would not fit, and never too small to be read.
function fitting() {
  const height = window.innerHeight - keys.querySelector("div").offsetHeight;
  const size = Math.min(place.clientWidth / COLUMNS / 0.6, height / ROWS / 1.2);
  return Math.max(SMALLEST, Math.min(USUAL, Math.floor(size)));
}

function setLetters(size) {
  terminal.options.fontSize = Math.max(7, Math.min(30, size));
  localStorage.setItem("letters", String(terminal.options.fontSize));
  fit.fit();
}
