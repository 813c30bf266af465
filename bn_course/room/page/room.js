// The instructor's page: the room's state as it comes, in one of four views.
import { byId, many, say } from "./dom.js";
import { showStuck } from "./stuck.js";
import { send, showVote } from "./voting.js";

const views = [...document.querySelectorAll("main > section")];
const links = [...document.querySelectorAll("nav a")];
let room = "";

function showView() {
  const wanted = views.find(({ id }) => `#${id}` === location.hash) ?? views[0];
  views.forEach((view) => { view.hidden = view !== wanted; });
  links.forEach((link) => {
    if (link.hash === `#${wanted.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

function show(state) {
  room = state.room;
  document.title = `Room ${room}`;
  say(byId("code"), room);
  const hands = state.hands.length ? `, ${many(state.hands.length, "hand")} up` : "";
  say(byId("people"), `${many(state.learners, "learner")}${hands}`);
  document.querySelectorAll(".link").forEach((node) => say(node, state.link));
  say(byId("trouble"), state.trouble ?? "");
  showVote(state);
  showStuck(state);
}

function listen() {
  const stream = new EventSource("live");
  stream.onmessage = ({ data }) => show(JSON.parse(data));
  stream.addEventListener("gone", () => {
    stream.close();
    say(byId("trouble"), "This room has been deleted.");
  });
  stream.onerror = () => {
    if (byId("trouble").textContent.startsWith("This room")) return;
    say(byId("trouble"), "The server does not answer. This page tries again; what learners do waits with them.");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

byId("forgetting").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (byId("sure").value.trim().toUpperCase() !== room) {
    say(byId("forgot"), `Write ${room} to delete it.`);
  } else {
    say(byId("forgot"), (await send({ action: "forget" })) || "Deleted.");
  }
});
addEventListener("hashchange", showView);
showView();
listen();
