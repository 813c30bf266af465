// How to join, on the page that the short link opens.
const link = location.href.replace(/[?#].*$/, "").replace(/\/$/, "");
document.querySelector(".link").textContent = link;
const answer = await fetch("about");
if (answer.ok) document.getElementById("named").hidden = !(await answer.json()).names;
