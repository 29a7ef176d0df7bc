package page

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scripted runs a script that has the modules of the pages, without a browser.
func scripted(t *testing.T, script string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("skipped: there is no node")
	}
	dir := t.TempDir()
	for _, name := range []string{"api.js", "words.js"} {
		b, err := files.ReadFile("assets/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "test.mjs")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type": "module"}`), 0o644), os.WriteFile(path, []byte(`globalThis.document = { getElementById: () => ({ textContent: "{}" }) };
globalThis.waited = 0;
globalThis.setTimeout = (done, ms) => { waited += ms; queueMicrotask(done); };
`+script), 0o644)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(node, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// An upload goes on when the studio is back after some seconds, and ends after half a minute.
func TestUploadWaits(t *testing.T) {
	upload := `const { upload } = await import("./api.js");
let begun = false, asked = 0;
globalThis.fetch = async (at, { method }) => {
  if (!begun) { begun = true; return new Response('{"id": "u"}'); }
  if (++asked <= LOST) throw new TypeError("Failed to fetch");
  return method === "HEAD" ? new Response("", { headers: { "Upload-Offset": "1" } }) : new Response("{}");
};
const up = await upload("a", [{ path: "a.txt", file: new Blob(["abc"]) }], () => {});
console.log(up.whole, up.failed[0]?.why ?? "", waited);`
	if got := scripted(t, strings.Replace(upload, "LOST", "4", 1)); got != "1  15000" {
		t.Error(got)
	}
	if got := scripted(t, strings.Replace(upload, "LOST", "100", 1)); got != "0 The studio does not answer. 31000" {
		t.Error(got)
	}
}

// A command that is to be typed keeps its flags; other flags are named by the labels of forms.
func TestPlainInScripts(t *testing.T) {
	got := scripted(t, `const { plain } = await import("./words.js");
console.log(plain("with: atelier weights add dncnn-25 --mirror FOLDER; or see --model NAME"));`)
	if got != "with: atelier weights add dncnn-25 --mirror FOLDER; or see “Model”" {
		t.Error(got)
	}
}
