package conversation

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestConversations(t *testing.T) {
	home := t.TempDir()
	f, err := In(home)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Open("first")
	if err != nil || len(c.Exchanges) != 0 {
		t.Fatal(c, err)
	}
	said := []Exchange{{Message: "One?", Answer: "1"}, {New: true}, {Message: "Two <b>?", Answer: "2\n\nor *two*", Sources: "(of it)", By: "m"}}
	for _, e := range said {
		if err := c.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := must(f.Open("第二")).Add(Exchange{Message: "?", Answer: "!"}); err != nil {
		t.Fatal(err)
	}
	if names, err := f.Names(); err != nil || !slices.Equal(names, []string{"first", "第二"}) {
		t.Error(names, err)
	}
	c, err = f.Find("first")
	if err != nil || !slices.Equal(c.Exchanges, said) || !slices.Equal(c.Remembered(), said[2:]) || c.Messages() != 2 || c.Changed.IsZero() {
		t.Error(c, err)
	}
	if got, want := string(c.Markdown()), "# first\n\n**You**\n\nOne?\n\n**Atelier**\n\n1\n\n---\n\n**You**\n\nTwo <b>?\n\n**m (a model)**\n\n2\n\nor *two*\n(of it)\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	text, err := c.JSON()
	var back struct{ Messages []message }
	if err != nil || json.Unmarshal(text, &back) != nil || len(back.Messages) != 4 || back.Messages[2] != (message{Role: "user", Content: "Two <b>?", New: true}) || back.Messages[3].Model != "m" {
		t.Errorf("%s, error %v", text, err)
	}
	if info, err := os.Stat(f.Path("first")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error("others can read it:", info.Mode(), err)
	}
	if err := f.Delete("first"); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Join(home, folder)); err != nil || len(left) != 2 { // the other one and its lock
		t.Error(left, err)
	}
	if err := f.Delete("frist"); err == nil || !strings.Contains(err.Error(), `there is no conversation "frist"; there are 第二`) {
		t.Error(err)
	}
}

// A line that was cut short is left out and counted, and the next one stands alone.
// A conversation is theirs who first add to it, and of no one before.
func TestOwned(t *testing.T) {
	f, err := In(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, late := must(f.OpenFor("ann", "walk")), must(f.OpenFor("bob", "walk"))
	if _, err := os.Stat(f.Path("walk")); err == nil {
		t.Error("it is there before anything was said")
	}
	if err := errors.Join(first.Add(Exchange{Message: "?", Answer: "!"}), first.Add(Exchange{Message: "??", Answer: "!!"})); err != nil {
		t.Fatal(err)
	}
	if err := late.Add(Exchange{Message: "Mine?"}); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	if _, err := f.OpenFor("bob", "walk"); err == nil || !strings.Contains(err.Error(), "begun by another") {
		t.Error(err)
	}
	if c := must(f.OpenFor("ann", "walk")); c.Owner != "ann" || c.Messages() != 2 {
		t.Errorf("%+v", c)
	}
}

func TestTorn(t *testing.T) {
	f := Folder(t.TempDir())
	if err := os.WriteFile(f.Path("torn"), []byte(`{"message":"a","answer":"b"}`+"\n7\n{}\n"+`{"message":"c","ans`), 0o600); err != nil {
		t.Fatal(err)
	}
	c := must(f.Open("torn"))
	if err := c.Add(Exchange{Message: "d", Answer: "e"}); err != nil {
		t.Fatal(err)
	}
	if c = must(f.Open("torn")); c.Torn != 3 || !slices.Equal(c.Exchanges, []Exchange{{Message: "a", Answer: "b"}, {Message: "d", Answer: "e"}}) {
		t.Errorf("%+v", c)
	}
	for _, name := range []string{"", "../torn", ".torn", "a b", "con/x", strings.Repeat("a", 65)} {
		if _, err := f.Open(name); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
	if _, err := In(""); err == nil {
		t.Error("there is no home")
	}
}

func must(c *Conversation, err error) *Conversation {
	if err != nil {
		panic(err)
	}
	return c
}
