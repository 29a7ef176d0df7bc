// The texts of the scripts in the language of the page.
const words = JSON.parse(document.getElementById("words").textContent);

export function say(text, ...values) {
  let out = words[text] ?? text;
  for (const v of values) out = out.replace("%s", () => v);
  return out;
}
