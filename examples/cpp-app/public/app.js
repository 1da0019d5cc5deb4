const form = document.querySelector("form");
const status = document.querySelector("[role=status]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = new FormData(form).get("name");
  const answer = await fetch(`/api/greet/${encodeURIComponent(name)}`);
  status.textContent = answer.ok ? (await answer.json()).greeting : "That did not work.";
});
