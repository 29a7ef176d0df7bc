// The texts of the scripts in the language of the page.
const words = JSON.parse(document.getElementById("words").textContent);

// plain names inputs in a message by what forms call them, where it names them as a command line does.
// A command that is to be typed stays as it is.
export const plain = (text) => text.replace(/\batelier [a-z][^;,；，。]*|(^|[^\w-])--([a-z][a-z-]+)( [A-Z]{2,}(\.[a-z]+)?)?/g, (all, before, name) => {
  if (!name) return all;
  const words = name === "n" ? "number" : name.replaceAll("-", " ");
  return `${before}“${say(words[0].toUpperCase() + words.slice(1))}”`;
});

export function say(text, ...values) {
  let out = words[text] ?? text;
  for (const v of values) out = out.replace("%s", () => v);
  return out;
}
